using Poolhouse.Bff;

namespace Poolhouse.BffHost;

/// <summary>Where sessions are kept.</summary>
/// <param name="Kind"><c>sqlite</c>, <c>postgres</c>, <c>redis</c> or <c>memory</c>.</param>
/// <param name="Path">The SQLite file.</param>
/// <param name="ConnectionString">Of PostgreSQL (Npgsql's form) or Redis (StackExchange.Redis's form).</param>
sealed record StoreSettings(string Kind = "sqlite", string Path = "bff.db", string? ConnectionString = null);

/// <summary>One API behind the Bff.</summary>
/// <param name="Prefix">The path under which the page calls it, like <c>/api</c>.</param>
/// <param name="Target">Where it is, like <c>https://api.example.com</c>.</param>
/// <param name="Methods">The methods that are passed on; unset is all usual ones.</param>
/// <param name="ActivityTimeout">How long a call may show no sign of life.</param>
sealed record ApiSettings(string Prefix = "", string Target = "", string[]? Methods = null, TimeSpan? ActivityTimeout = null);

/// <summary>The single-page app: a directory of files, or a development server.</summary>
/// <param name="Directory">The built app; unknown paths get its index.html.</param>
/// <param name="DevServer">A development server on this machine, like <c>http://localhost:5173</c>; its WebSocket is passed on too.</param>
/// <param name="Headers">Headers of every file, such as a Content-Security-Policy.</param>
sealed record AppSettings(string? Directory = null, string? DevServer = null, Dictionary<string, string>? Headers = null);

/// <summary>A certificate for https addresses, as PEM files.</summary>
/// <param name="Certificate">The certificate with its chain.</param>
/// <param name="Key">Its key.</param>
sealed record TlsSettings(string? Certificate = null, string? Key = null);

/// <summary>The settings of poolhouse-bff. Names and meaning of what is not explained here are those of <see cref="BffOptions"/>.</summary>
/// <param name="Listen">Addresses, http or https.</param>
/// <param name="Proxies">Addresses of the reverse proxies that may connect; nobody else is then answered. Unset: everybody is.</param>
/// <param name="ClientSecretFile">A file with the client's secret, in place of ClientSecret.</param>
/// <param name="KeyFile">A file with the master key, in place of Key.</param>
sealed record HostSettings(
    string? Authority = null, BffProvider? Provider = null, string? ClientId = null, string? ClientSecret = null, string? ClientSecretFile = null,
    BffClientAuthentication ClientAuthentication = BffClientAuthentication.Post, string[]? Scopes = null, Dictionary<string, string>? AuthorizeParameters = null,
    string? PublicUrl = null, string? Key = null, string? KeyFile = null, string? BasePath = null, TimeSpan? IdleAfter = null, TimeSpan? EndsAfter = null,
    TimeSpan? RefreshAhead = null, TimeSpan? ProviderTimeout = null, TimeSpan? TakeOverAfter = null, TimeSpan? RefreshPatience = null, TimeSpan? WatchEvery = null,
    bool HandOutAccessTokens = false, bool PersistCookie = false, string? SignedOutUrl = null, bool? SendIdTokenHint = null, string? EndSessionUrl = null,
    string? FeedUrl = null, string? FeedClientId = null, string? FeedClientSecret = null,
    string[]? Listen = null, string[]? Proxies = null, TlsSettings? Tls = null, StoreSettings? Store = null, AppSettings? App = null, ApiSettings[]? Apis = null, bool JsonLog = false)
{
    /// <summary>Without the secrets, in case it is ever printed.</summary>
    public override string ToString() => $"client {ClientId} at {Authority}";

    /// <summary>What environment variables begin with.</summary>
    public const string Prefix = "POOLHOUSE_BFF_";

    public static HostSettings Read(FileInfo? file)
    {
        var configuration = new ConfigurationBuilder();
        if (file is not null) configuration.AddJsonFile(file.FullName, optional: false);
        // A key that is not known is an error: it is a typing mistake in something that matters.
        return configuration.AddEnvironmentVariables(Prefix).Build().Get<HostSettings>(binder => binder.ErrorOnUnknownConfiguration = true) ?? new();
    }

    /// <summary>Fills the options of the Bff; what is unset keeps its default.</summary>
    public void Apply(BffOptions to)
    {
        (to.Authority, to.Provider, to.ClientId, to.ClientSecret, to.ClientAuthentication) = (Authority, Provider, ClientId, Secret(ClientSecret, ClientSecretFile, nameof(ClientSecret)), ClientAuthentication);
        (to.PublicUrl, to.Key, to.Scopes) = (PublicUrl, Secret(Key, KeyFile, nameof(Key)), Scopes ?? []);
        to.AuthorizeParameters = AuthorizeParameters ?? [];
        (to.BasePath, to.SignedOutUrl, to.EndSessionUrl, to.SendIdTokenHint) = (BasePath ?? to.BasePath, SignedOutUrl, EndSessionUrl, SendIdTokenHint);
        (to.IdleAfter, to.EndsAfter, to.WatchEvery) = (IdleAfter ?? to.IdleAfter, EndsAfter ?? to.EndsAfter, WatchEvery ?? to.WatchEvery);
        (to.RefreshAhead, to.ProviderTimeout) = (RefreshAhead ?? to.RefreshAhead, ProviderTimeout ?? to.ProviderTimeout);
        (to.TakeOverAfter, to.RefreshPatience) = (TakeOverAfter ?? to.TakeOverAfter, RefreshPatience ?? to.RefreshPatience);
        (to.HandOutAccessTokens, to.PersistCookie) = (HandOutAccessTokens, PersistCookie);
        (to.FeedUrl, to.FeedClientId, to.FeedClientSecret) = (FeedUrl, FeedClientId, FeedClientSecret);
    }

    static string? Secret(string? value, string? file, string name) => (value, file) switch
    {
        (not null, not null) => throw new HostSettingsException($"{name} and {name}File are both given."),
        (null, { } path) => File.ReadAllText(path).Trim(),
        _ => value,
    };
}

/// <summary>A setting with which the program cannot start; the message names it and says what is wrong.</summary>
sealed class HostSettingsException(string message) : Exception(message);
