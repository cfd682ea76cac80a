using System.Collections.Concurrent;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Tests.Actors;

/// <summary>How a cluster is set up.</summary>
sealed record ClusterSettings(
    StoreKind Store = StoreKind.Memory, int Nodes = 1, int Grace = 10, string Client = "{}", bool Feed = false, Action<BffOptions>? Options = null,
    string Url = "https://app.test", Action<WebApplication>? Routes = null, Action<IWebHostBuilder>? Web = null);

/// <summary>One process with a Bff in it, on a port of its own.</summary>
sealed class Node(WebApplication app, Wire wire, MortalStore store) : IAsyncDisposable
{
    public Wire Wire => wire;

    public MortalStore Store => store;

    public Uri Address => new(app.Urls.First());

    public T Service<T>() where T : notnull => app.Services.GetRequiredService<T>();

    public ValueTask DisposeAsync() => app.DisposeAsync();
}

/// <summary>Nodes of a Bff over one store, one provider and one API. They stand behind one public name, as behind a load balancer.</summary>
sealed class Cluster : IAsyncDisposable
{
    readonly ClusterSettings settings;
    readonly SharedStore store;

    Cluster(IdentityProvider provider, ClusterSettings settings, SharedStore store, ProviderClientKeys client, EchoApi api) =>
        (Provider, this.settings, this.store, Client, Api) = (provider, settings, store, client, api);

    public IdentityProvider Provider { get; }

    public ProviderClientKeys Client { get; }

    public EchoApi Api { get; }

    public List<Node> Nodes { get; } = [];

    public Wiretap Tap { get; } = new();

    public ShiftedClock Clock { get; } = new();

    public ConcurrentQueue<string> Log { get; } = [];

    public string Url => settings.Url;

    /// <summary>The master key of all nodes.</summary>
    public string Key { get; } = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));

    public SharedStore Store => store;

    public static async Task<Cluster> Start(IdentityProvider provider, ClusterSettings? given = null)
    {
        var settings = given ?? new();
        var cluster = new Cluster(provider, settings, await SharedStore.Open(settings.Store), await provider.Client(settings.Url, settings.Grace, settings.Client), await EchoApi.Start());
        for (var node = 0; node < settings.Nodes; node++) await cluster.Add();
        return cluster;
    }

    /// <summary>Starts one more node.</summary>
    public async Task<Node> Add()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore();
        if (settings.Web is null) builder.WebHost.UseUrls("http://127.0.0.1:0");
        else settings.Web(builder.WebHost);
        builder.Logging.AddProvider(new Recorder(Log)).SetMinimumLevel(LogLevel.Debug).AddFilter("Microsoft", LogLevel.Warning);
        builder.Services.AddRoutingCore().AddSingleton<TimeProvider>(Clock);
        var (wire, mortal) = (new Wire(Tap), new MortalStore(await store.Node()));
        builder.AddPoolhouseBff(options =>
        {
            (options.Authority, options.ClientId, options.ClientSecret, options.PublicUrl, options.Key) = (Provider.Authority, Client.Id, Client.Secret, settings.Url, Key);
            options.Scopes = ["openid", "email", "profile"];
            options.Provider = settings.Feed ? BffProvider.Poolhouse : BffProvider.OpenIdConnect;
            (options.SendIdTokenHint, options.HandOutAccessTokens, options.Backchannel) = (false, true, wire);
            // A machine that is busy is no provider that is away.
            (options.ProviderTimeout, options.RefreshPatience) = (TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(60));
            options.UseStore(_ => mortal);
            settings.Options?.Invoke(options);
        });
        var app = builder.Build();
        app.UseRouting();
        app.MapBff();
        app.MapBffApi("/api", Api.Url);
        app.MapGet("/", () => "the app");
        settings.Routes?.Invoke(app);
        await app.StartAsync();
        var node = new Node(app, wire, mortal);
        Nodes.Add(node);
        return node;
    }

    /// <summary>A browser that is signed in as a new user.</summary>
    public async Task<Browser> SignedIn(int node = 0)
    {
        var browser = new Browser(this);
        await browser.SignIn(await Provider.User(), node);
        return browser;
    }

    /// <summary>The only session of a browser as the store has it, opened.</summary>
    public async Task<Held> Held(Browser browser) => (await Nodes.First(node => !node.Store.Dead).Service<SessionVault>().Find(SessionVault.IdOf(browser.Handle)!, default))!;

    /// <summary>Puts the clock past the end of every access token.</summary>
    public void ExpireTokens() => Clock.Advance(TimeSpan.FromHours(1));

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes) await node.DisposeAsync();
        await Api.DisposeAsync();
        await store.DisposeAsync();
    }

    sealed class Recorder(ConcurrentQueue<string> log) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Enqueue($"{logLevel} {eventId.Id}: {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
