using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Xunit;

namespace Poolhouse.Unit.Tests.Users;

public class AttributeRuleTests
{
    static readonly UserPool Pool = new("us-east-1_A", "A", "us-east-1", new(),
    [
        .. StandardSchema.Attributes,
        new("custom:age", "Number", false, true, false, new("0", "150")),
        new("custom:tag", "String", false, true, false, null, new("2", "4")),
        new("custom:born", "DateTime", false, true, false),
        new("custom:member", "Boolean", false, true, false),
        new("custom:once", "String", false, false, false, null, new("0", "10")),
    ], 0, 0);

    [Theory]
    [InlineData("name", "Ana", null)]
    [InlineData("name", "A\0na", "Invalid character.")]
    [InlineData("sub", "x", "Attribute does not exist in the schema.")]
    [InlineData("nobody", "x", "Attribute does not exist in the schema.")]
    [InlineData("email", "ana@example.com", null)]
    [InlineData("email", "ana", "Invalid email address format.")]
    [InlineData("email", "a@b@c", "Invalid email address format.")]
    [InlineData("email", "@b", "Invalid email address format.")]
    [InlineData("email", "a@", "Invalid email address format.")]
    [InlineData("email", "a b@c", "Invalid email address format.")]
    [InlineData("phone_number", "+15555550100", null)]
    [InlineData("phone_number", "15555550100", "Invalid phone number format.")]
    [InlineData("phone_number", "+1555-0100", "Invalid phone number format.")]
    [InlineData("phone_number", "+\u0661\u0662\u0663", "Invalid phone number format.")]
    [InlineData("phone_number", "+12345678901234567", "Invalid phone number format.")]
    [InlineData("birthdate", "2000-02-29", null)]
    [InlineData("birthdate", "2001-02-29", "Invalid date format.")]
    [InlineData("email_verified", "True", null)]
    [InlineData("email_verified", "yes", "Invalid boolean format.")]
    [InlineData("custom:age", "150", null)]
    [InlineData("custom:age", "151", "Number must be no more than 150")]
    [InlineData("custom:age", "-1", "Number must be no less than 0")]
    [InlineData("custom:age", "1e1", "Invalid number format.")]
    [InlineData("custom:tag", "ab", null)]
    [InlineData("custom:tag", "a", "String must be no shorter than 2 characters")]
    [InlineData("custom:tag", "abcde", "String must be no longer than 4 characters")]
    [InlineData("custom:born", "2026-11-23T12:00:00Z", null)]
    [InlineData("custom:born", "soon", "Invalid date format.")]
    public void A_value_is_held_to_the_schema(string name, string value, string? fault)
    {
        if (fault is null) AttributeRules.CheckSchema(Pool, Values((name, value)), null);
        else Assert.Equal($"{name}: {fault}\n", Refused(() => AttributeRules.CheckSchema(Pool, Values((name, value)), null)));
    }

    [Fact]
    public void Every_fault_is_named_and_a_value_of_2049_characters_is_one()
    {
        var faults = Refused(() => AttributeRules.CheckSchema(Pool, Values(("email", "x"), ("custom:age", "x"), ("name", new('a', 2049))), null));
        Assert.Equal("email: Invalid email address format.\ncustom:age: Invalid number format.\nname: String must be no longer than 2048 characters\n", faults);
    }

    [Fact]
    public void What_cannot_change_is_written_once()
    {
        var values = Values(("custom:once", "first"));
        AttributeRules.CheckSchema(Pool, values, Ana());
        Assert.Equal("custom:once: Attribute cannot be updated. \n", Refused(() => AttributeRules.CheckSchema(Pool, values, Ana(("custom:once", "older")))));
    }

    [Theory]
    [InlineData("sub"), InlineData("email_verified"), InlineData("phone_number_verified"), InlineData("identities"), InlineData("dev:custom:role"), InlineData("name")]
    public void Nobody_writes_for_themselves_what_says_that_something_is_proven(string name)
    {
        var client = new AppClient("c", Pool.Id, "c", new() { WriteAttributes = ["email", "sub", "email_verified", "phone_number_verified", "identities", "dev:custom:role"] }, [], 0, 0);
        AttributeRules.CheckWritable(client, ["email"]);
        Assert.Equal(name, Refused(() => AttributeRules.CheckWritable(client, ["email", name])));
    }

    [Fact]
    public void A_verified_address_is_an_address()
    {
        AttributeRules.CheckVerified(Values(("email", "a@b"), ("email_verified", "true")));
        Assert.NotNull(Refused(() => AttributeRules.CheckVerified(Values(("email_verified", "true")))));
        Assert.Equal("true", AttributeRules.Stored(Pool, "email_verified", "TRUE"));
        Assert.Equal("TRUE", AttributeRules.Stored(Pool, "name", "TRUE"));
    }

    [Fact]
    public void A_changed_address_is_unproven_unless_the_change_says_otherwise()
    {
        var ana = Ana(("email", "old@example.com"), ("email_verified", "true"));
        Assert.Equal("false", AttributeChange.Apply(Pool, ana, Values(("email", "new@example.com")))["email_verified"]);
        Assert.Equal("true", AttributeChange.Apply(Pool, ana, Values(("email", "new@example.com"), ("email_verified", "true")))["email_verified"]);
        Assert.Equal("true", AttributeChange.Apply(Pool, ana, Values(("name", "Ana")))["email_verified"]);
        Assert.Empty(AttributeChange.Apply(Pool, ana, Values(("email", ""))));
    }

    static string? Refused(Action action) => Assert.Throws<RefusedException>(action).Detail;

    static Dictionary<string, string> Values(params (string Name, string Value)[] values) => values.ToDictionary(pair => pair.Name, pair => pair.Value);

    static User Ana(params (string, string)[] attributes) => new(Pool.Id, Ids.Uuid(), "ana", UserStatus.Confirmed, true, Values(attributes), null, null, 0, 0);
}
