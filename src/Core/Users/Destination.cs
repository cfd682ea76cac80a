namespace Poolhouse.Core.Users;

/// <summary>Where a code goes: the attribute, and the address as the caller may see it.</summary>
/// <param name="Attribute">"email" or "phone_number".</param>
/// <param name="Address">The whole address.</param>
public sealed record Destination(string Attribute, string Address)
{
    /// <summary>EMAIL or SMS.</summary>
    public string Medium => Attribute == "email" ? "EMAIL" : "SMS";

    /// <summary>The address with all but a hint of it hidden, in Cognito's form: <c>t***@t***</c>, <c>+*******9934</c>.</summary>
    public string Masked
    {
        get
        {
            if (Attribute != "email") return "+*******" + Address[Math.Max(0, Address.Length - 4)..];
            var at = Address.LastIndexOf('@');
            return at <= 0 || at == Address.Length - 1 ? "***" : $"{Address[0]}***@{Address[at + 1]}***";
        }
    }
}
