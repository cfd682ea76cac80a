using Poolhouse.Core.Users;
using Poolhouse.Server.Login.Parts;
using QRCoder;

namespace Poolhouse.Server.Login.MfaSetup;

/// <summary>The page that sets up a second factor: an authenticator app, an address for codes, or whichever of them the user likes.</summary>
public sealed record MfaSetupModel(
    string ClientName,
    FormPost Form,
    AppKey? App,
    Field? Email,
    Problem? Problem = null,
    string? SignInUrl = null);

/// <summary>The secret of an authenticator app in its three forms: a link, a QR code of that link, and a key to be typed.</summary>
public sealed record AppKey(string Link, QrCode Code, string Typed)
{
    /// <param name="issuer">Whose account it is, as the app will show it.</param>
    /// <param name="account">What the user signs in with.</param>
    /// <param name="secret">The secret in base 32.</param>
    public static AppKey Of(string issuer, string account, string secret)
    {
        var link = Totp.Uri(issuer, account, secret);
        return new(link, QrCode.Of(link), string.Join(' ', secret.Chunk(4).Select(group => new string(group))));
    }
}

/// <summary>A QR code as one SVG path on a grid of its modules, in which a module is one unit wide.</summary>
public sealed record QrCode(int Size, string Path)
{
    public static QrCode Of(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        // The matrix has the quiet zone of four modules around it that scanners need.
        var rows = code.ModuleMatrix;
        var dark = from y in Enumerable.Range(0, rows.Count) from x in Enumerable.Range(0, rows.Count) where rows[y][x] select $"M{x} {y}h1v1h-1z";
        return new(rows.Count, string.Concat(dark));
    }
}
