using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class UserListTests
{
    [Fact]
    public async Task Every_user_is_on_exactly_one_page_and_the_last_page_has_no_token()
    {
        await using var pool = await Three();
        var first = await pool.Call("ListUsers", "\"Limit\": 2");
        var second = await pool.Call("ListUsers", $"\"Limit\": 2, \"PaginationToken\": {first["PaginationToken"]!.ToJsonString()}");
        Assert.Equal((2, 1), (Names(first).Count, Names(second).Count));
        Assert.Equal(["ana", "anders", "bo"], Names(first).Concat(Names(second)).Order());
        Assert.Null(second["PaginationToken"]);
        Assert.Null((await pool.Call("ListUsers", "\"Limit\": 0"))["PaginationToken"]);
    }

    [Theory]
    [InlineData("""username ^= "u" """)]
    [InlineData("""name ^= "One" """)]
    [InlineData("""name = "One Name" """)]
    [InlineData("""cognito:user_status ^= "F" """)]
    public async Task A_filter_has_pages_too_and_users_with_one_value_are_on_one_each(string filter)
    {
        await using var pool = await PoolAdmin.Start();
        for (var i = 0; i < 5; i++) await pool.Call("AdminCreateUser", PoolAdmin.Change($"u-{i}", "name=One Name"));
        await pool.Confirmed("other");
        var (names, next) = (new List<string>(), (JsonNode?)null);
        do
        {
            var page = await pool.Call("ListUsers", $"\"Limit\": 2, \"Filter\": {JsonValue.Create(filter)!.ToJsonString()}{(next is null ? "" : $", \"PaginationToken\": {next.ToJsonString()}")}");
            names.AddRange(Names(page));
            next = page["PaginationToken"];
        }
        while (next is not null && names.Count < 20);
        Assert.Equal(["u-0", "u-1", "u-2", "u-3", "u-4"], names.Order());
    }

    [Theory]
    [InlineData("""username = "ana" """, "ana")]
    [InlineData("""username ^= "an" """, "ana anders")]
    [InlineData("""username^="an"  """, "ana anders")]
    [InlineData("""email = "ANA@example.com" """, "ana")]
    [InlineData("""email ^= "a" """, "ana anders")]
    [InlineData("""phone_number ^= "+1555" """, "bo")]
    [InlineData("""name = "Bo \"B\" \\ Berg" """, "bo")]
    [InlineData("""given_name = "x" """, "")]
    [InlineData("""cognito:user_status = "Confirmed" """, "bo")]
    [InlineData("""status = "Disabled" """, "anders")]
    [InlineData("""status = "Enabled" """, "ana bo")]
    [InlineData("""email ^= "%" """, "")]
    [InlineData("", "ana anders bo")]
    public async Task A_filter_finds_by_value_or_by_its_beginning(string filter, string names)
    {
        await using var pool = await Three();
        var found = await pool.Call("ListUsers", $"\"Filter\": {JsonValue.Create(filter)!.ToJsonString()}");
        Assert.Equal(names, string.Join(' ', Names(found).Order()));
    }

    [Fact]
    public async Task A_filter_by_sub_finds_the_one_user()
    {
        await using var pool = await PoolAdmin.Start();
        var sub = await pool.Confirmed("ana");
        await pool.Confirmed("bo");
        foreach (var filter in (string[])[$"sub = \\\"{sub}\\\"", $"sub ^= \\\"{sub[..20]}\\\""])
            Assert.Equal(["ana"], Names(await pool.Call("ListUsers", $"\"Filter\": \"{filter}\"")));
    }

    [Theory]
    [InlineData("custom:team = \\\"red\\\"", "Invalid search attribute: custom:team")]
    [InlineData("nickname = \\\"red\\\"", "Invalid search attribute: nickname")]
    [InlineData("email contains \\\"a\\\"", "Error while parsing filter.")]
    [InlineData("email = a", "Error while parsing filter.")]
    [InlineData("email = \\\"", "Error while parsing filter.")]
    [InlineData("email = \\\"a\\\" and name = \\\"b\\\"", "Error while parsing filter.")]
    [InlineData("email = \\\"a\\\\\\\"", "Error while parsing filter.")]
    [InlineData("= \\\"a\\\"", "Error while parsing filter.")]
    public async Task Any_other_filter_is_refused(string filter, string message)
    {
        await using var pool = await PoolAdmin.Start();
        Assert.Equal(("InvalidParameterException", message), await pool.Refused("ListUsers", $"\"Filter\": \"{filter}\""));
    }

    [Fact]
    public async Task Only_the_attributes_that_were_asked_for_are_shown()
    {
        await using var pool = await Three();
        var users = (await pool.Call("ListUsers", """ "AttributesToGet": ["email", "name"] """))["Users"]!.AsArray();
        var shown = users.ToDictionary(user => (string)user!["Username"]!, user => string.Join(' ', App.Attributes(user!, "Attributes").Keys));
        Assert.Equal(("email", "email", "name"), (shown["ana"], shown["anders"], shown["bo"]));
        Assert.Equal(("InvalidParameterException", "One or more requested attributes do not exist."),
            await pool.Refused("ListUsers", """ "AttributesToGet": ["email", "custom:none"] """));
    }

    [Fact]
    public async Task A_page_token_is_good_for_its_own_listing_only()
    {
        await using var pool = await Three();
        var token = (await pool.Call("ListUsers", "\"Limit\": 1"))["PaginationToken"]!.ToJsonString();
        var refused = ("InvalidParameterException", "Invalid pagination token");
        Assert.Equal(refused, await pool.Refused("ListUsers", $"\"PaginationToken\": {token}, \"Filter\": \"username ^= \\\"a\\\"\""));
        Assert.Equal(refused, await pool.Refused("ListGroups", $"\"NextToken\": {token}"));
        Assert.Equal(refused, await pool.Refused("ListUsers", "\"PaginationToken\": \"abc\""));
        Assert.Equal("1 validation error detected: Value '61' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 60",
            (await pool.Refused("ListUsers", "\"Limit\": 61")).Message);
    }

    static List<string> Names(JsonObject page) => [.. page["Users"]!.AsArray().Select(user => (string)user!["Username"]!)];

    static async Task<PoolAdmin> Three()
    {
        var pool = await PoolAdmin.Start();
        await pool.Call("AdminCreateUser", PoolAdmin.Change("ana", "email=ana@example.com"));
        await pool.Call("AdminCreateUser", PoolAdmin.Change("anders", "email=anders@example.com"));
        await pool.Call("AdminDisableUser", "\"Username\": \"anders\"");
        await pool.Confirmed("bo", App.List("name=Bo \"B\" \\ Berg", "phone_number=+15550100"));
        return pool;
    }
}
