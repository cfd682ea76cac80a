namespace Poolhouse.Server.Login.Parts;

/// <summary>One of several factors to choose from: a button, and a hint of where its code is to be found.</summary>
public sealed record Choice(string Factor, string Label, string? Detail = null)
{
    public static Choice Of(string factor, string? detail = null) => new(factor, Core.Users.Factor.Channel(factor) switch
    {
        "email" => "Email me a code",
        "phone_number" => "Text me a code",
        _ => "Use my authenticator app",
    }, detail);
}
