using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Guard;

/// <summary>Which tokens a guard takes.</summary>
public enum TokenUse
{
    /// <summary>Access tokens: <c>token_use</c> is <c>access</c>, and <c>client_id</c> names the app client. What an API should take.</summary>
    Access,

    /// <summary>ID tokens: <c>token_use</c> is <c>id</c>, and <c>aud</c> names the app client.</summary>
    Id,

    /// <summary>Both kinds.</summary>
    AccessOrId,
}

/// <summary>How a guard learns of revocations.</summary>
public enum RevocationSource
{
    /// <summary>
    /// The revocation feed of a Poolhouse server: revoked sessions are held in memory and looked up on every call. A revoked
    /// session is refused within 100 ms (p99) of the revocation, with no network call.
    /// </summary>
    Feed,

    /// <summary>Introspection (RFC 7662): the server is asked, and its answer is kept for <see cref="CognitoGuardOptions.IntrospectionKept"/>.</summary>
    Introspection,

    /// <summary>None: a revoked token passes until it expires. With Amazon Cognito alone there is no other way, and it has to be spelled.</summary>
    None,
}

/// <summary>
/// What a guard checks, and where it learns what it must know. <see cref="Issuer"/> and <see cref="ClientIds"/> have no default;
/// leaving out a check must be spelled. Read once, when the guard is made.
/// </summary>
public sealed class CognitoGuardOptions
{
    /// <summary>
    /// The issuer, exactly as <c>iss</c> has it, without a trailing slash: <c>https://id.example.com/us-east-1_Abc123xyz</c> of Poolhouse;
    /// <c>https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc123xyz</c> or <c>https://issuer-cognito-idp.…</c> of Amazon Cognito.
    /// https, or http on the loopback interface. Required.
    /// </summary>
    public string? Issuer { get; set; }

    /// <summary>The app clients whose tokens are taken (<c>client_id</c> of an access token, <c>aud</c> of an ID token). Required, unless <see cref="AnyClient"/>.</summary>
    public IReadOnlyCollection<string> ClientIds { get; set; } = [];

    /// <summary>Takes the tokens of every app client of the pool, those that will be created tomorrow included. Default: false.</summary>
    public bool AnyClient { get; set; }

    /// <summary>Which kind of token is taken. Default: access tokens.</summary>
    public TokenUse TokenUse { get; set; } = TokenUse.Access;

    /// <summary>
    /// How revocations become known. Default: the feed at <see cref="FeedUrl"/>; behind an issuer of Amazon's there is no default,
    /// since none of its own exists.
    /// </summary>
    public RevocationSource? Revocations { get; set; }

    /// <summary>
    /// Where the pool is served, if that is not the issuer's address: a Poolhouse pool that carries Amazon's issuer (tag
    /// <c>poolhouse:Issuer=aws</c>), or a name that only containers know. Keys, discovery, feed and introspection are under it. Default: <see cref="Issuer"/>.
    /// </summary>
    public string? PoolUrl { get; set; }

    /// <summary>The key set (RFC 7517). Default: <c>{PoolUrl}/.well-known/jwks.json</c>.</summary>
    public string? KeysUrl { get; set; }

    /// <summary>The revocation feed. Default: <c>{PoolUrl}/revocations</c>.</summary>
    public string? FeedUrl { get; set; }

    /// <summary>
    /// The guard's own machine client (client_credentials) in the pool, whose <c>AllowedOAuthScopes</c> hold <c>poolhouse/revocations.read</c>, and
    /// <c>poolhouse/introspect</c> for introspection. Only `poolhouse dev` lets guards read without one. Default: none.
    /// </summary>
    public string? GuardClientId { get; set; }

    /// <summary>The secret of <see cref="GuardClientId"/>.</summary>
    public string? GuardClientSecret { get; set; }

    /// <summary>How old the last proof that nothing was missed may be before the guard calls itself stale. 2 s to 30 s; default 3 s.</summary>
    public TimeSpan FreshFor { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>
    /// How long a stale guard goes on accepting tokens of sessions that it does not know to be revoked, with a mark on the reply. Past
    /// it the guard is blind: it introspects, or refuses with 503. <see cref="FreshFor"/> to 15 min; default 60 s. Never accepted longer
    /// than this plus one second: a revoked session.
    /// </summary>
    public TimeSpan StaleFor { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>The same bound for critical calls, which a stale guard introspects first. <see cref="FreshFor"/> to <see cref="StaleFor"/>; default 5 s.</summary>
    public TimeSpan CriticalStaleFor { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an answer of introspection is kept where it is the source of revocations. 0 to 60 s; default 10 s.</summary>
    public TimeSpan IntrospectionKept { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Tolerance for <c>exp</c> and <c>nbf</c> (RFC 7519 §4.1.4). 0 to 60 s; default 0, since with a feed the guard runs on the server's clock.</summary>
    public TimeSpan Leeway { get; set; } = TimeSpan.Zero;

    /// <summary>How often the key set is fetched anew, so that a key which the issuer has withdrawn is dropped. 30 s to 24 h; default 5 min.</summary>
    public TimeSpan KeysRefreshedEvery { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many verified tokens are remembered, so that their signature is not verified again. 0 (none) to 1,000,000; default 20,000, about 24 MB.</summary>
    public int RememberedTokens { get; set; } = 20_000;

    /// <summary>How long the start waits for keys and feed before the API begins to answer. 0 to 60 s; default 5 s. A start never fails because the issuer is away.</summary>
    public TimeSpan StartupPatience { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// A directory of this guard's own, where keys and revocations are kept, so that an API can start and serve while the issuer is
    /// away: with keys of any age, with revocations not older than <see cref="StaleFor"/>. Public keys and session ids lie there, no secret. Default: none.
    /// </summary>
    public string? StateDirectory { get; set; }

    /// <summary>Sends the guard's own requests (keys, discovery, feed, introspection), for proxies, client certificates and tests. Not disposed by the guard. Default: a handler of its own.</summary>
    public HttpMessageHandler? Backchannel { get; set; }

    // Another than the usual one in simulations only.
    internal FeedPace Pace { get; set; } = FeedPace.Usual;

    internal CheckedOptions Check() => CheckedOptions.Of(this);
}
