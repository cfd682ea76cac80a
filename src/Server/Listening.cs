using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Poolhouse.Server.Dev;
using Poolhouse.Server.Http;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server;

/// <summary>Where the server listens, within which limits, and under which names.</summary>
static class Listening
{
    /// <summary>Addresses and limits of Kestrel.</summary>
    public static void Configure(IWebHostBuilder web, RunOptions run)
    {
        if (run.Dev is null) web.UseKestrelHttpsConfiguration();
        web.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // A state of a few KB must pass, a flood must not (security.md F8).
            kestrel.Limits.MaxRequestLineSize = 16 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 32 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Limits.MaxRequestBodySize = 1024 * 1024;
            if (run.Dev is { } dev) ListenDev(kestrel, dev);
            else ListenServe(kestrel, run.Settings.Server);
            if (run.Settings.Telemetry.Scraped() is { } scraped) kestrel.Listen(scraped);
        });
    }

    /// <summary>The names that requests may name.</summary>
    public static HostGuard Guard(RunOptions run)
    {
        var server = run.Settings.Server;
        var names = Names(server);
        var suffixes = server.DomainSuffix is { } suffix ? new[] { suffix } : [];
        return run.Dev is null
            ? new(names, suffixes, anyAddress: false)
            : new([.. names, "localhost"], [.. suffixes, "localhost"], run.Dev.Expose);
    }

    /// <summary>The names of the server itself.</summary>
    public static string[] Names(ServerOptions server) => [.. ServerOptions.List(server.Hosts), new Uri(server.Root).Host];

    static void ListenDev(KestrelServerOptions kestrel, DevOptions dev)
    {
        if (dev.Expose) kestrel.ListenAnyIP(dev.Port);
        else kestrel.ListenLocalhost(dev.Port);
    }

    static void ListenServe(KestrelServerOptions kestrel, ServerOptions server)
    {
        foreach (var address in ServerOptions.List(server.Listen))
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                throw new SettingsException($"Server:Listen holds {address}, which is no http or https address.");
            var at = url.Host is "*" or "+" or "0.0.0.0" ? IPAddress.Any
                : url.Host == "localhost" ? IPAddress.Loopback
                : IPAddress.TryParse(url.Host.Trim('[', ']'), out var parsed) ? parsed
                : throw new SettingsException($"Server:Listen must name an address, not {url.Host}.");
            kestrel.Listen(at, url.Port, listen =>
            {
                if (url.Scheme == "https") listen.UseHttps(Certificate(server));
            });
        }
    }

    static X509Certificate2 Certificate(ServerOptions server) =>
        server is { Certificate: { } certificate, CertificateKey: { } key }
            ? X509Certificate2.CreateFromPemFile(certificate, key)
            : throw new SettingsException("An https address in Server:Listen needs Server:Certificate and Server:CertificateKey.");
}

/// <summary>A setting with which the server cannot start; the message names it and says what is wrong.</summary>
public sealed class SettingsException(string message) : Exception(message);
