using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Poolhouse.Core.Users;

/// <summary>Time-based one-time passwords (RFC 6238) in the form that authenticator apps and Cognito use: SHA-1, six digits, steps of 30 seconds.</summary>
public static class Totp
{
    const int SecretLength = 32;
    const int StepSeconds = 30;
    const int Digits = 6;
    const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>A new secret: 32 random bytes.</summary>
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SecretLength);

    /// <summary>The step to which a code belongs, of the current one and its two neighbours; null if it belongs to none.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="code">The code as it was typed.</param>
    /// <param name="now">Unix ms.</param>
    public static long? StepOf(ReadOnlySpan<byte> secret, string code, long now)
    {
        long? found = null;
        var current = now / 1000 / StepSeconds;
        // All three are computed and compared in fixed time, whichever it is.
        for (var step = current - 1; step <= current + 1; step++)
            if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Code(secret, step)), Encoding.UTF8.GetBytes(code))) found = step;
        return found;
    }

    /// <summary>The code of a step (RFC 4226 §5.3).</summary>
    public static string Code(ReadOnlySpan<byte> secret, long step)
    {
        Span<byte> counter = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        Span<byte> hash = stackalloc byte[20];
#pragma warning disable CA5350 // SHA-1 is what authenticator apps agree on; HMAC does not need its collision resistance.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350
        var offset = hash[^1] & 0x0F;
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[offset..]) & int.MaxValue;
        return (number % 1_000_000).ToString($"D{Digits}", System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>A secret as people type it into an authenticator app: base 32 (RFC 4648 §6) without padding.</summary>
    public static string Text(ReadOnlySpan<byte> secret)
    {
        var text = new StringBuilder((secret.Length * 8 + 4) / 5);
        var (bits, held) = (0, 0);
        foreach (var value in secret)
        {
            bits = (bits << 8) | value;
            for (held += 8; held >= 5; held -= 5) text.Append(Base32[(bits >> (held - 5)) & 31]);
            bits &= (1 << held) - 1;
        }
        if (held > 0) text.Append(Base32[(bits << (5 - held)) & 31]);
        return text.ToString();
    }

    /// <summary>What a QR code tells an authenticator app.</summary>
    public static string Uri(string issuer, string account, string secret) =>
        $"otpauth://totp/{System.Uri.EscapeDataString(issuer)}:{System.Uri.EscapeDataString(account)}?secret={secret}&issuer={System.Uri.EscapeDataString(issuer)}";
}
