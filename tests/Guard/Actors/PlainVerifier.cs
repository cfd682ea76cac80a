using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>
/// A second opinion on access tokens, written from RFC 7515 and Cognito's documentation alone: its own base64, the parser of the framework
/// with nothing set, and the framework's RSA. It knows no code of ours and none of the library that the guard uses.
/// </summary>
sealed class PlainVerifier(string issuer, IReadOnlyCollection<string> clients, IReadOnlyCollection<ForgedKey> keys)
{
    const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    public bool Accepts(string token, DateTimeOffset now)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || parts.Any(part => part.Any(one => !Alphabet.Contains(one, StringComparison.Ordinal)))) return false;
        try
        {
            using var header = JsonDocument.Parse(Decode(parts[0]));
            var key = keys.SingleOrDefault(one => one.Kid == Text(header, "kid"));
            if (key is null || Text(header, "alg") != key.Algorithm || header.RootElement.TryGetProperty("crit", out _)) return false;
            if (!key.IsSignature(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Decode(parts[2]))) return false;
            using var claims = JsonDocument.Parse(Decode(parts[1]));
            return Holds(claims, now.ToUnixTimeSeconds());
        }
        catch (Exception fault) when (fault is JsonException or FormatException or OverflowException or InvalidOperationException or KeyNotFoundException)
        {
            return false;
        }
    }

    bool Holds(JsonDocument claims, long now) => Text(claims, "iss") == issuer && Text(claims, "token_use") == "access" && clients.Contains(Text(claims, "client_id"))
        && Number(claims, "exp") > now && (!claims.RootElement.TryGetProperty("nbf", out _) || Number(claims, "nbf") <= now);

    static string? Text(JsonDocument json, string name) => json.RootElement.GetProperty(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    static decimal Number(JsonDocument json, string name) => decimal.Parse(json.RootElement.GetProperty(name).GetRawText(), NumberStyles.Float, CultureInfo.InvariantCulture);

    static byte[] Decode(string text)
    {
        var bytes = new List<byte>();
        int bits = 0, held = 0;
        foreach (var one in text)
        {
            (bits, held) = (((bits << 6) | Alphabet.IndexOf(one, StringComparison.Ordinal)) & 0xFFFF, held + 6);
            if (held < 8) continue;
            held -= 8;
            bytes.Add((byte)(bits >> held));
        }
        return [.. bytes];
    }
}
