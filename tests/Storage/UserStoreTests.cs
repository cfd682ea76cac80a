using Poolhouse.Core.Users;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Users and groups, on both databases.</summary>
public class UserStoreTests
{
    [Theory, OnBoth]
    public async Task An_alias_that_moves_is_unproven_with_its_former_holder_who_can_still_be_written(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var users = new UserStore(test.Database);
        var (ana, bo) = (User("1", "ana", Mail("a@example.com")), User("2", "bo", Mail("A@example.com")));
        Assert.Equal(UserWrite.Done, await Insert(test, ana));
        Assert.Equal(UserWrite.AliasTaken, await Insert(test, bo));
        Assert.Null(await users.Get("p", "2", default));
        Assert.Equal(UserWrite.Done, await Insert(test, bo, takeAliases: true));

        Assert.Equal("2", (await users.Find("p", "a@example.com", true, default))!.Sub);
        var former = (await users.Get("p", "1", default))!;
        Assert.Equal(("a@example.com", "false"), (former.Attribute("email"), former.Attribute("email_verified")));
        Assert.Equal(UserWrite.Done, await test.Database.Write(tx => UserStore.Update(tx, former, [], takeAliases: false)));
    }

    [Theory, OnBoth]
    public async Task A_preferred_name_is_not_taken_by_force(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var name = new Dictionary<string, string> { ["preferred_username"] = "ann" };
        await Insert(test, User("1", "ana", name), alias: "preferred_username");
        Assert.Equal(UserWrite.AliasTaken, await Insert(test, User("2", "bo", name), takeAliases: true, alias: "preferred_username"));
    }

    [Theory, OnBoth]
    public async Task The_sub_comes_before_the_name(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await Insert(test, User("1", "ana", []));
        await Insert(test, User("2", "1", []));
        Assert.Equal("ana", (await new UserStore(test.Database).Find("p", "1", true, default))!.Username);
    }

    [Theory, OnBoth]
    public async Task Filters_find_by_value_and_by_beginning(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var users = new UserSearch(test.Database);
        await Insert(test, User("1", "Ana", Mail("ana@example.com")));
        await Insert(test, User("2", "anders", Mail("x_y@example.com")));
        await test.Database.Write(tx => UserStore.SetEnabled(tx, "p", "2", enabled: false));
        async Task<string> Found(string name, string value, bool prefix) =>
            string.Join(' ', (await users.List("p", new(name, value, prefix), true, "", 10, default)).Select(found => found.User.Sub));

        Assert.Equal(("1", "1"), (await Found("username", "Ana", false), await Found("username", "A", true)));
        Assert.Equal(("1", "", "2"), (await Found("email", "ANA@", true), await Found("email", "x%", true), await Found("email", "x_", true)));
        Assert.Equal(("2", "1 2"), (await Found("status", "Disabled", false), await Found("cognito:user_status", "conf", true)));
        Assert.Equal(["2"], (await users.List("p", null, true, "1", 10, default)).Select(found => found.User.Sub));
    }

    [Theory, OnBoth]
    public async Task An_updated_group_keeps_what_is_not_named_and_a_deleted_one_leaves_no_member(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var groups = new GroupStore(test.Database);
        var staff = new Group("p", "staff", "All", null, 3, 1, 1);
        await Insert(test, User("1", "ana", []));
        Assert.True(await test.Database.Write(tx => GroupStore.Insert(tx, staff)));
        Assert.Equal(staff with { Precedence = 0, ModifiedAt = 2 },
            await test.Database.Write(tx => GroupStore.Update(tx, new("p", "staff", null, null, 0, 2, 2))));
        Assert.Null(await test.Database.Write(tx => GroupStore.Update(tx, new("p", "other", null, null, null, 2, 2))));
        Assert.True(await test.Database.Write(tx => GroupStore.Add(tx, "p", "staff", "1")));
        Assert.Equal("ana", (await new UserStore(test.Database).InGroup("p", "staff", "", 10, default)).Single().Username);

        Assert.True(await test.Database.Write(tx => GroupStore.Delete(tx, "p", "staff")));
        await test.Database.Write(tx => GroupStore.Insert(tx, staff));
        Assert.Empty(await groups.OfUser("p", "1", "", 10, default));
    }

    static User User(string sub, string name, Dictionary<string, string> attributes) =>
        new("p", sub, name, UserStatus.Confirmed, true, attributes, null, null, 1, 1);

    static Dictionary<string, string> Mail(string address) => new() { ["email"] = address, ["email_verified"] = "true" };

    static Task<UserWrite> Insert(TestDatabase test, User user, bool takeAliases = false, string alias = "email") =>
        test.Database.Write(tx => UserStore.Insert(tx, user, caseSensitive: true, [alias], takeAliases));
}
