using System.Text.Json.Nodes;
using Poolhouse.Core.Users;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>An authenticator app: it holds one secret, typed in as base 32, and shows codes.</summary>
public sealed class AuthenticatorApp(string secret)
{
    const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The code that it shows at a time.</summary>
    public string Code(DateTimeOffset now)
    {
        var bits = string.Concat(secret.Select(letter => Convert.ToString(Alphabet.IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        var bytes = Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2)).ToArray();
        return Totp.Code(bytes, now.ToUnixTimeSeconds() / 30);
    }

    /// <summary>Sets an app up for a signed-in user and turns it on.</summary>
    public static async Task<AuthenticatorApp> Enroll(App app, JsonNode? accessToken, DateTimeOffset now)
    {
        var offered = await app.As(accessToken, "AssociateSoftwareToken");
        var made = new AuthenticatorApp((string)offered.Body["SecretCode"]!);
        var verified = await app.As(accessToken, "VerifySoftwareToken", $$"""{"UserCode": "{{made.Code(now)}}", "FriendlyDeviceName": "Ana's phone"}""");
        if ((string?)verified.Body["Status"] != "SUCCESS") throw new InvalidOperationException($"{verified.Error}: {verified.Message}");
        await app.As(accessToken, "SetUserMFAPreference", """{"SoftwareTokenMfaSettings": {"Enabled": true, "PreferredMfa": true} }""");
        return made;
    }
}
