using Poolhouse.Core.Users;
using Xunit;

namespace Poolhouse.Unit.Tests.Users;

public class DestinationTests
{
    [Theory]
    [InlineData("email", "test@test.com", "EMAIL", "t***@t***")]
    [InlineData("email", "a@b", "EMAIL", "a***@b***")]
    [InlineData("email", "a@b@c", "EMAIL", "a***@c***")]
    [InlineData("email", "nothing", "EMAIL", "***")]
    [InlineData("phone_number", "+15555559934", "SMS", "+*******9934")]
    [InlineData("phone_number", "+12", "SMS", "+*******+12")]
    public void A_code_says_where_it_went_and_hides_the_rest(string attribute, string address, string medium, string masked)
    {
        var destination = new Destination(attribute, address);
        Assert.Equal((medium, masked), (destination.Medium, destination.Masked));
    }

    [Fact]
    public void Names_are_folded_where_case_does_not_tell_them_apart()
    {
        Assert.Equal("ana@example.com", Folding.Fold("Ana@EXAMPLE.com"));
        Assert.Equal("\u00fcber", Folding.Fold("\u00dcBER"));
        Assert.Equal(("Ana", "ana"), (Folding.UsernameKey("Ana", caseSensitive: true), Folding.UsernameKey("Ana", caseSensitive: false)));
        // No culture decides: a Turkish machine folds as every other.
        Assert.Equal("i", Folding.Fold("I"));
    }
}
