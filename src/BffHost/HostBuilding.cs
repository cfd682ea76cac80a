using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.FileProviders;
using Poolhouse.Bff;

namespace Poolhouse.BffHost;

/// <summary>Builds the program from its settings: addresses, store, app, APIs, health.</summary>
static class HostBuilding
{
    /// <param name="settings">The settings.</param>
    /// <param name="directory">What relative paths are relative to: the directory of the settings file.</param>
    public static async Task<WebApplication> Build(HostSettings settings, string? directory)
    {
        // Nothing of the environment but our own settings: a stray ASPNETCORE_URLS must not open a port.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "poolhouse-bff" });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Yarp", LogLevel.Warning);
        if (settings.JsonLog) builder.Logging.AddJsonConsole();
        else builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            foreach (var address in settings.Listen ?? ["http://127.0.0.1:8080"]) Listen(kestrel, address, settings, directory);
        });
        builder.Services.AddRoutingCore();
        var store = await HostStore.Open(settings.Store ?? new(), directory);
        builder.Services.AddSingleton(_ => store);
        builder.AddPoolhouseBff(options =>
        {
            settings.Apply(options);
            store.Use(options);
        });
        var app = builder.Build();
        // Resolved once, so that the container closes its connections at the end.
        app.Services.GetRequiredService<HostStore>();
        if (settings.Proxies is { Length: > 0 } proxies) app.Use(OnlyFrom([.. proxies.Select(IPAddress.Parse)]));
        app.UseRouting();
        app.MapGet("/healthz", context => context.Response.WriteAsync("ok"));
        app.MapGet("/readyz", context => Ready(context));
        app.MapBff();
        foreach (var api in settings.Apis ?? [])
            app.MapBffApi(api.Prefix, api.Target, options => (options.Methods, options.ActivityTimeout) = (api.Methods ?? options.Methods, api.ActivityTimeout ?? options.ActivityTimeout));
        ServeApp(app, settings.App ?? new(), directory);
        return app;
    }

    static void Listen(Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions kestrel, string address, HostSettings settings, string? directory)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https")) throw new HostSettingsException($"Listen holds {address}, which is no http or https address.");
        var at = url.Host is "*" or "+" or "0.0.0.0" ? IPAddress.Any
            : url.Host == "localhost" ? IPAddress.Loopback
            : IPAddress.TryParse(url.Host.Trim('[', ']'), out var parsed) ? parsed
            : throw new HostSettingsException($"Listen must name an address, not {url.Host}.");
        kestrel.Listen(at, url.Port, listen =>
        {
            if (url.Scheme == "https") listen.UseHttps(Certificate(settings.Tls, directory));
        });
    }

    static X509Certificate2 Certificate(TlsSettings? tls, string? directory) => tls is { Certificate: { } certificate, Key: { } key }
        ? X509Certificate2.CreateFromPemFile(At(directory, certificate), At(directory, key))
        : throw new HostSettingsException("An https address in Listen needs Tls:Certificate and Tls:Key.");

    // Behind a proxy nobody else has a reason to connect.
    static Func<HttpContext, RequestDelegate, Task> OnlyFrom(IPAddress[] proxies) => (context, next) =>
    {
        var from = context.Connection.RemoteIpAddress;
        if (from is { IsIPv4MappedToIPv6: true }) from = from.MapToIPv4();
        if (context.Request.Path.StartsWithSegments("/healthz") || context.Request.Path.StartsWithSegments("/readyz") || (from is not null && proxies.Contains(from))) return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return context.Response.WriteAsync("This address is only for the reverse proxy.");
    };

    // The store alone: while the provider is away, sessions whose tokens are good go on being served.
    static async Task Ready(HttpContext context)
    {
        try
        {
            await context.RequestServices.GetRequiredService<IBffSessionStore>().FindAsync("readyz", context.RequestAborted);
            await context.Response.WriteAsync("ready");
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync("the session store does not answer");
        }
    }

    static void ServeApp(WebApplication app, AppSettings settings, string? directory)
    {
        if (settings is { Directory: not null, DevServer: not null }) throw new HostSettingsException("App:Directory and App:DevServer are both given.");
        if (settings.DevServer is { } server) DevServer.Map(app, server);
        if (settings.Directory is not { } folder) return;
        var files = new PhysicalFileProvider(Path.GetFullPath(At(directory, folder)));
        var serving = new StaticFileOptions
        {
            FileProvider = files,
            OnPrepareResponse = file =>
            {
                file.Context.Response.Headers.XContentTypeOptions = "nosniff";
                // Names with a hash in them are for ever; the page that names them is asked for each time.
                file.Context.Response.Headers.CacheControl = file.File.Name.EndsWith(".html", StringComparison.OrdinalIgnoreCase) ? "no-cache" : "public, max-age=3600";
                foreach (var (name, value) in settings.Headers ?? []) file.Context.Response.Headers[name] = value;
            },
        };
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(serving);
        app.MapFallbackToFile("index.html", serving);
    }

    public static string At(string? directory, string path) => Path.Combine(directory ?? Environment.CurrentDirectory, path);
}
