using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class GroupTests
{
    const string Role = "arn:aws:iam::123456789012:role/staff";
    const string Staff = "\"GroupName\": \"staff\"";

    [Fact]
    public async Task A_group_comes_back_as_it_was_made_and_an_update_changes_only_what_it_names()
    {
        await using var pool = await PoolAdmin.Start();
        var made = (await pool.Call("CreateGroup", $"{Staff}, \"Description\": \"All\", \"RoleArn\": \"{Role}\", \"Precedence\": 3"))["Group"]!;
        Assert.Equal(("staff", pool.PoolId, "All", Role, 3),
            ((string)made["GroupName"]!, (string)made["UserPoolId"]!, (string)made["Description"]!, (string)made["RoleArn"]!, (int)made["Precedence"]!));
        Assert.Equal((double)made["CreationDate"]!, (double)made["LastModifiedDate"]!);

        var changed = (await pool.Call("UpdateGroup", $"{Staff}, \"Precedence\": 0"))["Group"]!;
        Assert.Equal(("All", Role, 0), ((string)changed["Description"]!, (string)changed["RoleArn"]!, (int)changed["Precedence"]!));
        Assert.Equal((double)made["CreationDate"]!, (double)changed["CreationDate"]!);
        Assert.Equal(changed.ToJsonString(), (await pool.Call("GetGroup", Staff))["Group"]!.ToJsonString());
    }

    [Fact]
    public async Task Members_that_a_group_does_not_have_are_left_out()
    {
        await using var pool = await PoolAdmin.Start();
        var group = (await pool.Call("CreateGroup", Staff))["Group"]!.AsObject();
        Assert.Equal(["GroupName", "UserPoolId", "LastModifiedDate", "CreationDate"], group.Select(member => member.Key));
    }

    [Fact]
    public async Task A_name_is_taken_once()
    {
        await using var pool = await PoolAdmin.Start();
        await pool.Call("CreateGroup", Staff);
        Assert.Equal(("GroupExistsException", "A group with the name already exists."), await pool.Refused("CreateGroup", Staff));
        Assert.Equal("1 validation error detected: Value '-1' at 'precedence' failed to satisfy constraint: Member must have value greater than or equal to 0",
            (await pool.Refused("CreateGroup", Staff + ", \"Precedence\": -1")).Message);
    }

    [Theory]
    [InlineData("GetGroup", "")]
    [InlineData("UpdateGroup", "")]
    [InlineData("DeleteGroup", "")]
    [InlineData("ListUsersInGroup", "")]
    [InlineData("AdminAddUserToGroup", ", \"Username\": \"ana\"")]
    [InlineData("AdminRemoveUserFromGroup", ", \"Username\": \"ana\"")]
    public async Task A_group_that_is_not_there_is_named_as_such(string operation, string more)
    {
        await using var pool = await PoolAdmin.Start();
        await pool.Call("AdminCreateUser", "\"Username\": \"ana\"");
        Assert.Equal(("ResourceNotFoundException", "Group not found."), await pool.Refused(operation, Staff + more));
    }

    [Fact]
    public async Task Who_is_put_into_a_group_twice_is_in_it_once_and_may_be_taken_out_twice()
    {
        await using var pool = await WithGroups("staff");
        const string Ana = "\"Username\": \"ana\", " + Staff;
        Assert.Empty(await pool.Call("AdminAddUserToGroup", Ana));
        await pool.Call("AdminAddUserToGroup", Ana);
        var member = Assert.Single((await pool.Call("ListUsersInGroup", Staff))["Users"]!.AsArray())!;
        Assert.Equal("ana", (string)member["Username"]!);
        Assert.Equal("ana@example.com", App.Attributes(member, "Attributes")["email"]);

        Assert.Empty(await pool.Call("AdminRemoveUserFromGroup", Ana));
        await pool.Call("AdminRemoveUserFromGroup", Ana);
        Assert.Empty((await pool.Call("ListUsersInGroup", Staff))["Users"]!.AsArray());
    }

    [Fact]
    public async Task An_unknown_user_is_in_no_group()
    {
        await using var pool = await WithGroups("staff");
        foreach (var operation in (string[])["AdminAddUserToGroup", "AdminRemoveUserFromGroup"])
            Assert.Equal("UserNotFoundException", (await pool.Refused(operation, "\"Username\": \"zoe\", " + Staff)).Type);
        Assert.Equal("UserNotFoundException", (await pool.Refused("AdminListGroupsForUser", "\"Username\": \"zoe\"")).Type);
    }

    [Fact]
    public async Task A_deleted_group_leaves_no_member_to_a_later_group_of_its_name()
    {
        await using var pool = await WithGroups("staff");
        await pool.Call("AdminAddUserToGroup", "\"Username\": \"ana\", " + Staff);
        Assert.Empty(await pool.Call("DeleteGroup", Staff));
        await pool.Call("CreateGroup", Staff);
        Assert.Empty((await pool.Call("AdminListGroupsForUser", "\"Username\": \"ana\""))["Groups"]!.AsArray());
    }

    [Fact]
    public async Task Groups_come_in_pages_by_name_for_the_pool_and_for_a_user()
    {
        await using var pool = await WithGroups("c", "a", "b");
        foreach (var name in (string[])["c", "a", "b"]) await pool.Call("AdminAddUserToGroup", $"\"Username\": \"ana\", \"GroupName\": \"{name}\"");
        foreach (var (operation, members) in ((string, string)[])[("ListGroups", "\"Limit\": 2"), ("AdminListGroupsForUser", "\"Username\": \"ana\", \"Limit\": 2")])
        {
            var first = await pool.Call(operation, members);
            var second = await pool.Call(operation, $"{members}, \"NextToken\": {first["NextToken"]!.ToJsonString()}");
            Assert.Equal(("a b", "c"), (Names(first), Names(second)));
            Assert.Null(second["NextToken"]);
        }
    }

    [Fact]
    public async Task Members_come_in_pages()
    {
        await using var pool = await WithGroups("staff");
        foreach (var name in (string[])["bo", "cy"]) await pool.Call("AdminCreateUser", $"\"Username\": \"{name}\"");
        foreach (var name in (string[])["ana", "bo", "cy"]) await pool.Call("AdminAddUserToGroup", $"\"Username\": \"{name}\", {Staff}");
        var first = await pool.Call("ListUsersInGroup", Staff + ", \"Limit\": 2");
        var second = await pool.Call("ListUsersInGroup", $"{Staff}, \"Limit\": 2, \"NextToken\": {first["NextToken"]!.ToJsonString()}");
        var names = first["Users"]!.AsArray().Concat(second["Users"]!.AsArray()).Select(user => (string)user!["Username"]!);
        Assert.Equal(["ana", "bo", "cy"], names.Order());
        Assert.Null(second["NextToken"]);
    }

    [Fact]
    public async Task Tokens_carry_the_groups_by_precedence()
    {
        await using var pool = await WithGroups();
        await pool.Call("CreateGroup", "\"GroupName\": \"later\", \"Precedence\": 9");
        await pool.Call("CreateGroup", "\"GroupName\": \"first\", \"Precedence\": 1");
        await pool.Call("AdminSetUserPassword", """ "Username": "ana", "Password": "Passw0rd-1", "Permanent": true """);
        foreach (var name in (string[])["later", "first"]) await pool.Call("AdminAddUserToGroup", $"\"Username\": \"ana\", \"GroupName\": \"{name}\"");
        var payload = System.Buffers.Text.Base64Url.DecodeFromChars((await pool.Session("ana")).AccessToken.Split('.')[1]);
        Assert.Equal("""["first","later"]""", JsonNode.Parse(payload)!["cognito:groups"]!.ToJsonString());
    }

    static string Names(JsonObject page) => string.Join(' ', page["Groups"]!.AsArray().Select(group => (string)group!["GroupName"]!));

    static async Task<PoolAdmin> WithGroups(params string[] names)
    {
        var pool = await PoolAdmin.Start();
        await pool.Call("AdminCreateUser", PoolAdmin.Change("ana", "email=ana@example.com"));
        foreach (var name in names) await pool.Call("CreateGroup", $"\"GroupName\": \"{name}\"");
        return pool;
    }
}
