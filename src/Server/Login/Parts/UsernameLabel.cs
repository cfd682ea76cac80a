namespace Poolhouse.Server.Login.Parts;

/// <summary>What a pool's users call the name that they sign in with.</summary>
public static class UsernameLabel
{
    public const string Username = "Username";
    public const string Email = "Email address";
    public const string Phone = "Phone number";
    public const string EmailOrPhone = "Email address or phone number";

    public static string For(bool email, bool phone) => (email, phone) switch
    {
        (true, true) => EmailOrPhone,
        (true, false) => Email,
        (false, true) => Phone,
        _ => Username,
    };
}
