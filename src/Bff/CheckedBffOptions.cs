using System.Text.RegularExpressions;

namespace Poolhouse.Bff;

/// <summary>Options that hold: every default filled in, every bound kept, nothing left out silently.</summary>
sealed partial record CheckedBffOptions(string Authority, BffProvider Provider, string ClientId, string ClientSecret, string PublicUrl, byte[] Key, BffOptions Given)
{
    const int KeyLength = 32;

    public string SignedOutUrl { get; private init; } = "";

    public Uri? Feed { get; private init; }

    public Uri? EndSession { get; private init; }

    /// <summary>http, which only a loopback address may be: the cookie cannot be Secure there.</summary>
    public bool IsPlain => PublicUrl.StartsWith("http:", StringComparison.Ordinal);

    public bool SendIdTokenHint => Given.SendIdTokenHint ?? Provider == BffProvider.OpenIdConnect;

    /// <summary>Without the secrets, in case it is ever printed.</summary>
    public override string ToString() => $"client {ClientId} at {Authority}";

    public string Path(string name) => $"{Given.BasePath}/{name}";

    public static CheckedBffOptions Of(BffOptions given)
    {
        var authority = Address(given.Authority, nameof(given.Authority), origin: false) ?? throw Required(nameof(given.Authority), "where the provider's discovery document lies");
        var url = Address(given.PublicUrl, nameof(given.PublicUrl), origin: true) ?? throw Required(nameof(given.PublicUrl), "the origin under which browsers see the app");
        var clientId = given.ClientId is { Length: > 0 } id ? id : throw Required(nameof(given.ClientId), "the app client");
        var secret = given.ClientSecret is { Length: > 0 } set ? set : throw Required(nameof(given.ClientSecret), "a confidential client");
        if (!given.Scopes.Contains("openid")) throw Fault(nameof(given.Scopes), "is required, and holds openid");
        if (given.Scopes.Any(scope => scope.Length == 0 || scope.Any(character => character is <= ' ' or > '~' or '"' or '\\'))) throw Fault(nameof(given.Scopes), "holds one scope in each entry (RFC 6749 §3.3)");
        if (!Base().IsMatch(given.BasePath)) throw Fault(nameof(given.BasePath), "is a path like /bff, without a slash at its end");
        if (given.FeedClientId is null != given.FeedClientSecret is null) throw Fault(nameof(given.FeedClientId), "and FeedClientSecret go together");
        CheckBounds(given);
        var kind = given.Provider ?? (IsAmazon(authority) ? BffProvider.Cognito : BffProvider.Poolhouse);
        var feed = Address(given.FeedUrl, nameof(given.FeedUrl), origin: false) ?? (kind == BffProvider.Poolhouse ? $"{authority}/revocations" : null);
        return new(authority, kind, clientId, secret, url, MasterKey(given.Key), given)
        {
            SignedOutUrl = given.SignedOutUrl is null ? $"{url}{given.BasePath}/signed-out" : SignedOut(given.SignedOutUrl),
            Feed = feed is null ? null : new(feed),
            EndSession = Address(given.EndSessionUrl, nameof(given.EndSessionUrl), origin: false) is { } end ? new(end) : null,
        };
    }

    static void CheckBounds(BffOptions given)
    {
        var second = TimeSpan.FromSeconds(1);
        var minute = TimeSpan.FromMinutes(1);
        Within(given.EndsAfter, minute, TimeSpan.FromDays(3650), nameof(given.EndsAfter));
        Within(given.IdleAfter, minute, given.EndsAfter, nameof(given.IdleAfter));
        Within(given.RefreshAhead, TimeSpan.Zero, 10 * minute, nameof(given.RefreshAhead));
        Within(given.ProviderTimeout, second, minute, nameof(given.ProviderTimeout));
        Within(given.TakeOverAfter, second, minute / 2, nameof(given.TakeOverAfter));
        Within(given.RefreshPatience, second, minute, nameof(given.RefreshPatience));
        Within(given.WatchEvery, second, 5 * minute, nameof(given.WatchEvery));
    }

    static void Within(TimeSpan value, TimeSpan least, TimeSpan most, string name)
    {
        if (value < least || value > most) throw Fault(name, $"must be from {least} to {most}, and is {value}");
    }

    static byte[] MasterKey(string? text)
    {
        if (text is not { Length: > 0 }) throw Required("Key", "32 random bytes in base64: openssl rand -base64 32");
        var key = new byte[KeyLength + 1];
        return Convert.TryFromBase64String(text, key, out var length) && length == KeyLength ? key[..KeyLength] : throw Fault("Key", "must be 32 bytes in base64: openssl rand -base64 32");
    }

    // Tokens that come over an open wire are anybody's tokens.
    static string? Address(string? text, string name, bool origin)
    {
        if (text is null) return null;
        var good = Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && IsLoopback(uri)))
            && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0 && !text.EndsWith('/') && (!origin || text == uri.GetLeftPart(UriPartial.Authority));
        return good ? text : throw Fault(name, $"must be an https {(origin ? "origin in lower case, without a path" : "address without a query")} and without a slash at its end (http on the loopback interface)");
    }

    static string SignedOut(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? text : throw Fault("SignedOutUrl", "must be an absolute address");

    // RFC 6761 §6.3: names under localhost are loopback names.
    static bool IsLoopback(Uri uri) => uri.IsLoopback || uri.Host.EndsWith(".localhost", StringComparison.Ordinal);

    static bool IsAmazon(string url) => new Uri(url).Host.EndsWith(".amazonaws.com", StringComparison.OrdinalIgnoreCase);

    static ArgumentException Required(string name, string what) => Fault(name, $"is required: {what}");

    static ArgumentException Fault(string name, string what) => new($"BffOptions.{name} {what}.");

    [GeneratedRegex("^(?=.{2,100}$)(/[A-Za-z0-9_-]+)+$")]
    private static partial Regex Base();
}
