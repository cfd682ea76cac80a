using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Poolhouse.Core;

namespace Poolhouse.Server.Http;

/// <summary>A request as it arrived, with everything that a signature can cover.</summary>
public sealed record SignedRequest(string Method, string Path, string Query, IReadOnlyList<KeyValuePair<string, string>> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>The values of a header joined as the signature joins them, or null.</summary>
    public string? Header(string name)
    {
        var values = Headers.Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).ToArray();
        return values.Length == 0 ? null : string.Join(',', values);
    }
}

/// <summary>What the Authorization header claims.</summary>
public sealed record SignatureClaim(string KeyId, string Date, string Region, string Service, IReadOnlyList<string> SignedHeaders, string Signature)
{
    public string Scope => $"{Date}/{Region}/{Service}/aws4_request";
}

/// <summary>AWS Signature Version 4, the verifying side: pure functions over a captured request.</summary>
public static class SigV4
{
    const string Algorithm = "AWS4-HMAC-SHA256";
    static readonly SearchValues<char> Unreserved =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~");

    /// <summary>Reads the Authorization header; null if it is malformed in any way.</summary>
    public static SignatureClaim? Parse(string authorization)
    {
        if (!authorization.StartsWith(Algorithm + " ", StringComparison.Ordinal)) return null;
        var fields = authorization[Algorithm.Length..].Split(',', StringSplitOptions.TrimEntries);
        if (fields.Length != 3) return null;
        string? Field(string name) => fields.Count(field => field.StartsWith(name + "=", StringComparison.Ordinal)) == 1
            ? fields.First(field => field.StartsWith(name + "=", StringComparison.Ordinal))[(name.Length + 1)..] : null;

        if (Field("Credential")?.Split('/') is not [var key, var date, var region, var service, "aws4_request"]) return null;
        if (Field("SignedHeaders")?.Split(';') is not { } headers || Field("Signature") is not { Length: 64 } signature) return null;
        var wellFormed = key.Length is >= 1 and <= 128 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is ('-' or '_'))
            && date.Length == 8 && date.All(char.IsAsciiDigit)
            && signature.All(char.IsAsciiHexDigitLower)
            && headers.All(name => name.Length > 0 && name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9') or '-' or '_'))
            && headers.SequenceEqual(headers.Distinct().Order(StringComparer.Ordinal))
            && service.Length > 0 && AwsRegion.LooksReal(region);
        return wellFormed ? new(key, date, region, service, headers, signature) : null;
    }

    /// <summary>The time of X-Amz-Date, or null if it is absent or no time.</summary>
    public static DateTimeOffset? DateOf(SignedRequest request) =>
        DateTimeOffset.TryParseExact(request.Header("x-amz-date"), "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var date) ? date : null;

    /// <summary>
    /// The first header that had to be signed and was not, or null. Every x-amz-* header counts, above all x-amz-target:
    /// a captured signature must not fit another operation.
    /// </summary>
    public static string? Unsigned(SignatureClaim claim, SignedRequest request) => request.Headers
        .Select(header => header.Key.ToLowerInvariant())
        .Where(name => name is "host" or "content-type" || name.StartsWith("x-amz-", StringComparison.Ordinal))
        .Append("host").Append("x-amz-date")
        .FirstOrDefault(name => !claim.SignedHeaders.Contains(name));

    /// <summary>Whether the signature is the one that this secret yields, in fixed time.</summary>
    public static bool Matches(SignatureClaim claim, SignedRequest request, Secret secret)
    {
        var expected = Signature(claim, request, secret);
        return CryptographicOperations.FixedTimeEquals(expected, Convert.FromHexString(claim.Signature));
    }

    /// <summary>The signature that a secret yields for a request.</summary>
    public static byte[] Signature(SignatureClaim claim, SignedRequest request, Secret secret)
    {
        var canonicalHash = Hex(SHA256.HashData(Encoding.UTF8.GetBytes(Canonical(claim, request))));
        var toSign = $"{Algorithm}\n{request.Header("x-amz-date")}\n{claim.Scope}\n{canonicalHash}";
        var key = Encoding.UTF8.GetBytes("AWS4" + secret.Reveal());
        foreach (var part in (ReadOnlySpan<string>)[claim.Date, claim.Region, claim.Service, "aws4_request"])
            key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        return HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign));
    }

    /// <summary>The body's hash is taken over the bytes received; a hash that the client states is not looked at.</summary>
    static string Canonical(SignatureClaim claim, SignedRequest request)
    {
        var text = new StringBuilder();
        text.Append(request.Method).Append('\n').Append(CanonicalPath(request.Path)).Append('\n').Append(CanonicalQuery(request.Query)).Append('\n');
        foreach (var name in claim.SignedHeaders)
            text.Append(name).Append(':').Append(Collapse(request, name)).Append('\n');
        return text.Append('\n').AppendJoin(';', claim.SignedHeaders).Append('\n').Append(Hex(SHA256.HashData(request.Body.Span))).ToString();
    }

    static string Collapse(SignedRequest request, string name) => string.Join(',', request.Headers
        .Where(header => header.Key.Equals(name, StringComparison.OrdinalIgnoreCase))
        .Select(header => string.Join(' ', header.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries))));

    /// <summary>The path arrives encoded and is encoded once more; the API itself has one path, "/".</summary>
    static string CanonicalPath(string path) => string.Join('/', path.Split('/').Select(Encode));

    static string CanonicalQuery(string query) => string.Join('&', query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=', 2))
        .Select(pair => (Name: Encode(Uri.UnescapeDataString(pair[0])), Value: pair.Length == 2 ? Encode(Uri.UnescapeDataString(pair[1])) : ""))
        .OrderBy(pair => pair.Name, StringComparer.Ordinal).ThenBy(pair => pair.Value, StringComparer.Ordinal)
        .Select(pair => $"{pair.Name}={pair.Value}"));

    static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExcept(Unreserved)) return text;
        var encoded = new StringBuilder();
        foreach (var octet in Encoding.UTF8.GetBytes(text))
        {
            if (Unreserved.Contains((char)octet)) encoded.Append((char)octet);
            else encoded.Append('%').Append(octet.ToString("X2", CultureInfo.InvariantCulture));
        }
        return encoded.ToString();
    }

    static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}

/// <summary>The form of an AWS region; it becomes the beginning of pool ids, which clients parse.</summary>
public static class AwsRegion
{
    /// <summary>Two letters, one or more words, a digit: us-east-1, us-gov-west-1.</summary>
    public static bool LooksReal(string region) =>
        region.Length <= 32 && region.Split('-') is { Length: >= 3 } parts
        && parts[0].Length == 2 && parts[^1].Length == 1 && char.IsAsciiDigit(parts[^1][0])
        && parts[..^1].All(part => part.Length > 0 && part.All(char.IsAsciiLetterLower));
}
