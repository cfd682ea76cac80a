using Poolhouse.Server.Login.Parts;
using Xunit;

namespace Poolhouse.Server.Tests.Pages;

public class WordingTests
{
    [Theory]
    [InlineData("custom:favouriteColour", "Favourite colour", "text")]
    [InlineData("custom:favourite_colour", "Favourite colour", "text")]
    [InlineData("custom:VAT", "VAT", "text")]
    [InlineData("birthdate", "Date of birth", "date")]
    [InlineData("phone_number", "Phone number", "tel")]
    public void An_attribute_is_asked_for_in_words(string attribute, string label, string type)
    {
        var field = AttributeField.For(attribute, required: true);

        Assert.Equal(("attribute." + attribute, label, type), (field.Name, field.Label, field.Type));
    }

    [Theory]
    [InlineData(6, false, false, false, false, "At least 6 characters.")]
    [InlineData(8, false, false, true, false, "At least 8 characters, with a number.")]
    [InlineData(12, true, true, true, true, "At least 12 characters, with a lowercase letter, an uppercase letter, a number and a symbol.")]
    public void A_password_policy_is_one_sentence(int length, bool upper, bool lower, bool number, bool symbol, string expected) =>
        Assert.Equal(expected, new PasswordRules(length, upper, lower, number, symbol).Sentence);

    [Theory]
    [InlineData(false, false, "Username")]
    [InlineData(true, false, "Email address")]
    [InlineData(false, true, "Phone number")]
    [InlineData(true, true, "Email address or phone number")]
    public void A_pool_names_what_its_users_sign_in_with(bool email, bool phone, string expected) =>
        Assert.Equal(expected, UsernameLabel.For(email, phone));
}
