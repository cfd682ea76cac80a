namespace Poolhouse.Guard;

/// <summary>Options that hold: every default filled in, every bound kept, nothing left out silently.</summary>
sealed record CheckedOptions(
    string Issuer, HashSet<string>? ClientIds, TokenUse TokenUse, RevocationSource Revocations, string PoolUrl, Uri Keys, Uri Feed, (string Id, string Secret)? Credentials,
    CognitoGuardOptions Given)
{
    public static CheckedOptions Of(CognitoGuardOptions given)
    {
        var issuer = Address(given.Issuer, nameof(given.Issuer)) ?? throw Fault(nameof(given.Issuer), "is required: the pool's issuer, as `iss` has it");
        if (given.ClientIds.Count == 0 && !given.AnyClient)
            throw Fault(nameof(given.ClientIds), "is required: without it tokens of every app client pass. Set AnyClient if that is meant");
        if (given.ClientIds.Count > 0 && given.AnyClient) throw Fault(nameof(given.AnyClient), "contradicts ClientIds");
        var pool = Address(given.PoolUrl, nameof(given.PoolUrl)) ?? issuer;
        var source = given.Revocations ?? (IsAmazon(pool) && given.FeedUrl is null ? throw Fault(nameof(given.Revocations),
            "must be spelled behind an issuer of Amazon's: Feed (with PoolUrl or FeedUrl), Introspection (with PoolUrl), or None, with which a revoked token passes until it expires")
            : RevocationSource.Feed);
        if (given.GuardClientId is null != given.GuardClientSecret is null) throw Fault(nameof(given.GuardClientId), "and GuardClientSecret go together");
        var credentials = given is { GuardClientId: { } id, GuardClientSecret: { } secret } ? (id, secret) : ((string, string)?)null;
        if (source == RevocationSource.Introspection && credentials is null) throw Fault(nameof(given.GuardClientId), "is required for introspection (RFC 7662 §2.1)");
        CheckBounds(given);
        return new(issuer, given.AnyClient ? null : new(given.ClientIds, StringComparer.Ordinal), given.TokenUse, source, pool,
            new(Address(given.KeysUrl, nameof(given.KeysUrl)) ?? $"{pool}/.well-known/jwks.json"), new(Address(given.FeedUrl, nameof(given.FeedUrl)) ?? $"{pool}/revocations"),
            credentials, given);
    }

    static void CheckBounds(CognitoGuardOptions given)
    {
        var hour = TimeSpan.FromHours(1);
        Within(given.FreshFor, hour / 1800, hour / 120, nameof(given.FreshFor));
        Within(given.StaleFor, given.FreshFor, hour / 4, nameof(given.StaleFor));
        Within(given.CriticalStaleFor, given.FreshFor, given.StaleFor, nameof(given.CriticalStaleFor));
        Within(given.IntrospectionKept, TimeSpan.Zero, hour / 60, nameof(given.IntrospectionKept));
        Within(given.Leeway, TimeSpan.Zero, hour / 60, nameof(given.Leeway));
        Within(given.KeysRefreshedEvery, hour / 120, hour * 24, nameof(given.KeysRefreshedEvery));
        Within(given.StartupPatience, TimeSpan.Zero, hour / 60, nameof(given.StartupPatience));
        if (given.RememberedTokens is < 0 or > 1_000_000) throw Fault(nameof(given.RememberedTokens), "must be from 0 to 1,000,000");
    }

    static void Within(TimeSpan value, TimeSpan least, TimeSpan most, string name)
    {
        if (value < least || value > most) throw Fault(name, $"must be from {least.TotalSeconds} s to {most.TotalSeconds} s, and is {value.TotalSeconds} s");
    }

    // Keys that come over an open wire are anybody's keys.
    static string? Address(string? text, string name)
    {
        if (text is null) return null;
        var good = Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback))
            && uri.Query.Length == 0 && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0 && !text.EndsWith('/');
        return good ? text : throw Fault(name, "must be an https address (http on the loopback interface) without a query and without a slash at its end");
    }

    // Of the public cloud, of China, and of the European one.
    static bool IsAmazon(string url) => new[] { ".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu" }.Any(end => new Uri(url).Host.EndsWith(end, StringComparison.OrdinalIgnoreCase));

    static ArgumentException Fault(string name, string what) => new($"CognitoGuardOptions.{name} {what}.");
}
