using System.Text;

namespace Poolhouse.Server.Login.Parts;

/// <summary>How an attribute of a pool's schema is asked for: label, kind of input and autocomplete token.</summary>
public static class AttributeField
{
    public static Field For(string attribute, bool required, string? value = null, Problem? problem = null)
    {
        var (label, type, autocomplete) = Look(attribute);
        return new("attribute." + attribute, label, type, autocomplete)
        {
            Value = value,
            Required = required,
            Problem = problem,
            Hint = attribute == "phone_number" ? "With the country code, like +1 555 010 0123." : null,
        };
    }

    static (string Label, string Type, string Autocomplete) Look(string attribute) => attribute switch
    {
        "address" => ("Address", "text", "street-address"),
        "birthdate" => ("Date of birth", "date", "bday"),
        "email" => (UsernameLabel.Email, "email", "email"),
        "family_name" => ("Family name", "text", "family-name"),
        "gender" => ("Gender", "text", "sex"),
        "given_name" => ("Given name", "text", "given-name"),
        "locale" => ("Language", "text", "language"),
        "middle_name" => ("Middle name", "text", "additional-name"),
        "name" => ("Full name", "text", "name"),
        "nickname" => ("Nickname", "text", "nickname"),
        "phone_number" => (UsernameLabel.Phone, "tel", "tel"),
        "picture" => ("Picture address", "url", "photo"),
        "preferred_username" => ("Preferred username", "text", "nickname"),
        "profile" => ("Profile page", "url", "url"),
        "website" => ("Website", "url", "url"),
        "zoneinfo" => ("Time zone", "text", "off"),
        _ => (Words(attribute), "text", "off"),
    };

    // custom:favouriteColour and custom:favourite_colour both read "Favourite colour".
    static string Words(string attribute)
    {
        var name = attribute[(attribute.IndexOf(':') + 1)..];
        var words = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            var startsWord = i > 0 && char.IsUpper(name[i]) && char.IsLower(name[i - 1]);
            if (startsWord) words.Append(' ');
            words.Append(i == 0 ? char.ToUpperInvariant(name[i]) : name[i] is '_' or '-' ? ' ' : startsWord ? char.ToLowerInvariant(name[i]) : name[i]);
        }
        return words.ToString();
    }
}
