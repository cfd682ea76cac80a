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
        foreach (var (at, port, tls) in Addresses(server))
            kestrel.Listen(at, port, listen =>
            {
                if (tls) listen.UseHttps(Certificate(server));
            });
    }

    /// <summary>What is wrong with the URL of which every issuer and link is made stops `serve`.</summary>
    public static void CheckPublicUrl(ServerOptions server)
    {
        if (server.PublicUrl is not { } url || !Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https")
            || parsed.PathAndQuery != "/" || url.EndsWith('/'))
            throw new SettingsException("Server:PublicUrl must be the URL that browsers use, like https://id.example.com: scheme and host, no path, no slash at its end.");
    }

    /// <summary>The addresses that serve listens on.</summary>
    public static IEnumerable<(IPAddress At, int Port, bool Tls)> Addresses(ServerOptions server)
    {
        foreach (var address in ServerOptions.List(server.Listen))
        {
            if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                throw new SettingsException($"Server:Listen holds {address}, which is no http or https address.");
            var at = url.Host is "*" or "+" or "0.0.0.0" ? IPAddress.Any
                : url.Host == "localhost" ? IPAddress.Loopback
                : IPAddress.TryParse(url.Host.Trim('[', ']'), out var parsed) ? parsed
                : throw new SettingsException($"Server:Listen must name an address, not {url.Host}.");
            yield return (at, url.Port, url.Scheme == "https");
        }
    }

    /// <summary>From where forwarded headers are believed.</summary>
    public static IEnumerable<IPNetwork> Proxies(ServerOptions server)
    {
        foreach (var proxy in ServerOptions.List(server.Proxies))
            yield return IPNetwork.TryParse(proxy, out var network) ? network
                : IPAddress.TryParse(proxy, out var address) ? new(address, address.GetAddressBytes().Length * 8)
                : throw new SettingsException($"Server:Proxies holds {proxy}, which is no IP address and no network.");
    }

    /// <summary>The certificate for https addresses.</summary>
    public static X509Certificate2 Certificate(ServerOptions server) =>
        server is { Certificate: { } certificate, CertificateKey: { } key }
            ? X509Certificate2.CreateFromPemFile(certificate, key)
            : throw new SettingsException("An https address in Server:Listen needs Server:Certificate and Server:CertificateKey.");
}

/// <summary>A setting with which the server cannot start; the message names it and says what is wrong.</summary>
public sealed class SettingsException(string message) : Exception(message);
