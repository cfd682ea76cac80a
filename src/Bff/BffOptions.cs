using System.Data.Common;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff;

/// <summary>Which kind of provider signs users in; the kinds differ in how they sign out and in how they tell of revocations.</summary>
public enum BffProvider
{
    /// <summary>A Poolhouse pool: its revocation feed is followed, and signing out needs no ID token.</summary>
    Poolhouse,

    /// <summary>
    /// Amazon Cognito: signing out is <c>/logout?client_id=…&amp;logout_uri=…</c> of the user pool's domain, and the revocation endpoint is derived
    /// where discovery lacks it.
    /// </summary>
    Cognito,

    /// <summary>Any other OpenID provider: RP-Initiated Logout 1.0 with <c>id_token_hint</c>, Back-Channel Logout 1.0.</summary>
    OpenIdConnect,
}

/// <summary>How the client proves itself at the token endpoint (OpenID Connect Core §9).</summary>
public enum BffClientAuthentication
{
    /// <summary><c>client_secret_post</c>: in the body.</summary>
    Post,

    /// <summary><c>client_secret_basic</c>: in the Authorization header, both parts form-encoded first (RFC 6749 §2.3.1).</summary>
    Basic,
}

/// <summary>
/// How the backend for frontends signs users in, keeps their sessions and guards its cookie. <see cref="Authority"/>, <see cref="ClientId"/>,
/// <see cref="ClientSecret"/>, <see cref="Scopes"/>, <see cref="PublicUrl"/> and <see cref="Key"/> have no default. Read once, when the services are added;
/// what is missing or out of its bounds is an <see cref="ArgumentException"/> there.
/// </summary>
public sealed class BffOptions
{
    /// <summary>
    /// Where the provider's discovery document lies, without <c>/.well-known/openid-configuration</c> and without a trailing slash:
    /// <c>https://id.example.com/us-east-1_Abc123xyz</c> of Poolhouse, <c>https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc123xyz</c> of Amazon
    /// Cognito. https, or http on the loopback interface. Required.
    /// </summary>
    public string? Authority { get; set; }

    /// <summary>The kind of provider. Default: <see cref="BffProvider.Cognito"/> where <see cref="Authority"/> is a host of amazonaws.com, else <see cref="BffProvider.Poolhouse"/>.</summary>
    public BffProvider? Provider { get; set; }

    /// <summary>The app client; a confidential one with the code flow. Its callback URL is <see cref="PublicUrl"/> with <c>/bff/callback</c>. Required.</summary>
    public string? ClientId { get; set; }

    /// <summary>The secret of <see cref="ClientId"/>. Required: a backend that cannot prove itself is no backend (RFC 9700 §2.5).</summary>
    public string? ClientSecret { get; set; }

    /// <summary>How the secret is sent. Default: <see cref="BffClientAuthentication.Post"/>, which Poolhouse and Amazon Cognito take.</summary>
    public BffClientAuthentication ClientAuthentication { get; set; }

    /// <summary>The scopes that are asked for; <c>openid</c> is among them. Providers other than Poolhouse and Amazon Cognito give a refresh token only with <c>offline_access</c>. Required.</summary>
    public IReadOnlyCollection<string> Scopes { get; set; } = [];

    /// <summary>Further parameters of the authorization request, such as <c>identity_provider</c>, <c>resource</c> or <c>prompt</c>. Default: none.</summary>
    public IReadOnlyDictionary<string, string> AuthorizeParameters { get; set; } = new Dictionary<string, string>();

    /// <summary>
    /// The origin under which browsers see the app, like <c>https://app.example.com</c>, without a path and a trailing slash. Redirect URIs and the check of
    /// <c>Origin</c> come from here, never from a Host header. https, or http on the loopback interface for development. Required.
    /// </summary>
    public string? PublicUrl { get; set; }

    /// <summary>
    /// The master key, 32 random bytes in base64 (<c>openssl rand -base64 32</c>), the same on all nodes. Sessions and the state of a sign-in are sealed under
    /// keys derived from it. A new key signs everybody out. Required; must not lie where the sessions lie.
    /// </summary>
    public string? Key { get; set; }

    /// <summary>The path under which the Bff's own endpoints lie: 1 to 100 letters, digits, <c>-</c>, <c>_</c> and <c>/</c>, beginning with a slash. Default: <c>/bff</c>.</summary>
    public string BasePath { get; set; } = "/bff";

    /// <summary>
    /// The session ends when nothing was called for so long; calls through the proxy and for tokens count, questions whether the session lives do not. 1 min to
    /// <see cref="EndsAfter"/>; default 24 h.
    /// </summary>
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The session ends so long after the sign-in, whatever happens. 1 min to 3650 days; default 30 days, as Cognito's refresh tokens.</summary>
    public TimeSpan EndsAfter { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How long before its end an access token is replaced, while the old one goes on being used. 0 (only when it has ended) to 10 min, and never more than a third of
    /// the token's life; up to half as much again is added by chance, so that sessions born together are not refreshed together. Default 60 s.
    /// </summary>
    public TimeSpan RefreshAhead { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the provider may take for an answer. 1 s to 60 s; default 5 s. Should be less than the provider's grace for a refresh token that was used already.</summary>
    public TimeSpan ProviderTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a refresh that another node has begun may show no sign of life before this node takes it over (it gives one each third of this). 1 s to 30 s;
    /// default 3 s. Less than the provider's grace, or a node that dies in the middle of a refresh takes the session with it.
    /// </summary>
    public TimeSpan TakeOverAfter { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a call waits for a refresh before it gets 503. 1 s to 60 s; default 10 s.</summary>
    public TimeSpan RefreshPatience { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Serves <c>POST /bff/token</c>, which hands the access token to the page (a token-mediating backend): a script in the page can then steal it for as long
    /// as it lives. The refresh token never leaves the server. Default: false.
    /// </summary>
    public bool HandOutAccessTokens { get; set; }

    /// <summary>Keeps the cookie when the browser is closed, for <see cref="EndsAfter"/>. Default: false; the cookie ends with the browser.</summary>
    public bool PersistCookie { get; set; }

    /// <summary>
    /// Where the provider sends the browser after it has signed out; registered there letter by letter. Default: <see cref="PublicUrl"/> with
    /// <c>/bff/signed-out</c>, which goes on to the returnUrl of the logout.
    /// </summary>
    public string? SignedOutUrl { get; set; }

    /// <summary>
    /// Sends <c>id_token_hint</c> to the provider's logout, without which many ask the user for confirmation (RP-Initiated Logout §2). The ID token of the
    /// session that has just ended is then seen by the browser, in the address of that redirect. Default: true for <see cref="BffProvider.OpenIdConnect"/>, else false.
    /// </summary>
    public bool? SendIdTokenHint { get; set; }

    /// <summary>The provider's logout, where discovery names none and it is not Amazon Cognito. Default: <c>end_session_endpoint</c> of discovery.</summary>
    public string? EndSessionUrl { get; set; }

    /// <summary>The revocation feed of Poolhouse. Default: <see cref="Authority"/> with <c>/revocations</c> for <see cref="BffProvider.Poolhouse"/>, else none.</summary>
    public string? FeedUrl { get; set; }

    /// <summary>
    /// The machine client (client_credentials) that reads the feed; its <c>AllowedOAuthScopes</c> hold <c>poolhouse/revocations.read</c>. Only `poolhouse dev`
    /// lets everybody read. Default: none.
    /// </summary>
    public string? FeedClientId { get; set; }

    /// <summary>The secret of <see cref="FeedClientId"/>.</summary>
    public string? FeedClientSecret { get; set; }

    /// <summary>How often a connection that lives long (WebSocket, server-sent events) asks the store whether its session still lives. 1 s to 5 min; default 5 s. What the feed or this node ends is known at once.</summary>
    public TimeSpan WatchEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Sends the Bff's requests to the provider (discovery, keys, token, revocation, feed), for proxies, client certificates and tests. Not disposed by the Bff. Default: a handler of its own.</summary>
    public HttpMessageHandler? Backchannel { get; set; }

    internal Func<IServiceProvider, IBffSessionStore>? Store { get; private set; }

    /// <summary>Keeps sessions in a store of the application's. Without this they are in the memory of this one node, and a restart ends them.</summary>
    /// <param name="make">Makes the store, once.</param>
    public void UseStore(Func<IServiceProvider, IBffSessionStore> make)
    {
        ArgumentNullException.ThrowIfNull(make);
        Store = make;
    }

    /// <summary>
    /// Keeps sessions in a database: SQLite and PostgreSQL are tested. The table (text and bigint columns) and its indexes are made on first use. A SQLite file that
    /// several processes share should be in WAL mode.
    /// </summary>
    /// <param name="source">Gives connections; not disposed by the Bff.</param>
    /// <param name="table">The name of the table: 1 to 40 lower-case letters, digits and underscores.</param>
    public void UseDatabase(DbDataSource source, string table = DatabaseSessionStore.Table)
    {
        ArgumentNullException.ThrowIfNull(source);
        DatabaseSessionStore.CheckName(table);
        Store = _ => new DatabaseSessionStore(source, table);
    }

    /// <summary>As <see cref="UseDatabase(DbDataSource, string)"/>, with a data source from the services and the table <c>bff_sessions</c>.</summary>
    /// <param name="source">Finds the data source.</param>
    public void UseDatabase(Func<IServiceProvider, DbDataSource> source)
    {
        ArgumentNullException.ThrowIfNull(source);
        Store = services => new DatabaseSessionStore(source(services), DatabaseSessionStore.Table);
    }
}
