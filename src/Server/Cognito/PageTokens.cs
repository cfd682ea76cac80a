using System.Buffers.Text;
using System.Globalization;
using Poolhouse.Core;
using Poolhouse.Core.Keys;

namespace Poolhouse.Server.Cognito;

/// <summary>Page tokens: the last key of a page, sealed for one listing, good for an hour.</summary>
public sealed class PageTokens(Sealing sealing, TimeProvider time)
{
    const long Lifetime = 3_600_000;
    const int Largest = 60;

    /// <summary>The size of a page whose limit may be left out, or be 0.</summary>
    public static int Size(int? limit) => limit is > 0 and var given ? given : Largest;

    /// <summary>The token for the page after a key.</summary>
    public string Seal(string listing, string after)
    {
        var until = (time.UnixMs() + Lifetime).ToString(CultureInfo.InvariantCulture);
        return Base64Url.EncodeToString(sealing.Seal("page", listing, $"{until} {after}"));
    }

    /// <summary>The key that a token holds; null for no token; a refusal for one that is foreign, changed or old.</summary>
    public string? Open(string listing, string? token)
    {
        if (token is null) return null;
        var opened = token.Length <= 8192 && Base64Url.IsValid(token) ? sealing.OpenText("page", listing, Base64Url.DecodeFromChars(token)) : null;
        return opened?.Split(' ', 2) is [var until, var after] && long.Parse(until, CultureInfo.InvariantCulture) > time.UnixMs()
            ? after : throw CognitoException.InvalidParameter("Invalid pagination token");
    }

    /// <summary>Cuts a list that was read one too long to a page, with the token for the next; the last page has none.</summary>
    public (List<T> Page, string? Next) Cut<T>(string listing, List<T> read, int size, Func<T, string> key) =>
        read.Count <= size ? (read, null) : (read.GetRange(0, size), Seal(listing, key(read[size - 1])));
}
