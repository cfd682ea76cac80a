using System.Security.Cryptography;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Commands.Checks;

/// <summary>What the settings say of themselves, before anything is opened or called.</summary>
static class SettingsChecks
{
    static readonly TimeSpan Soon = TimeSpan.FromDays(14);

    public static IEnumerable<Finding> Of(Settings settings, DateTimeOffset now) =>
        [PublicUrl(settings.Server), .. Listen(settings.Server, now), .. Proxies(settings.Server)];

    static Finding PublicUrl(ServerOptions server)
    {
        try
        {
            Listening.CheckPublicUrl(server);
        }
        catch (SettingsException wrong)
        {
            return Finding.Fail("address", wrong.Message);
        }
        if (server.IsHttps) return Finding.Ok("address", server.Root);
        return new Uri(server.Root).IsLoopback
            ? Finding.Warn("address", $"{server.Root} is for this machine only.")
            : Finding.Fail("address", $"{server.Root} has no TLS: passwords, cookies and tokens go over the network in clear. Put a proxy with TLS in front and make Server:PublicUrl https.");
    }

    static IEnumerable<Finding> Listen(ServerOptions server, DateTimeOffset now)
    {
        Finding finding;
        try
        {
            var tls = Listening.Addresses(server).ToList().Exists(address => address.Tls);
            finding = tls ? Certificate(server, now) : Finding.Ok("listen", server.Listen);
        }
        catch (Exception wrong) when (wrong is SettingsException or CryptographicException or IOException or UnauthorizedAccessException)
        {
            finding = Finding.Fail("listen", Finding.Line(wrong));
        }
        yield return finding;
    }

    static Finding Certificate(ServerOptions server, DateTimeOffset now)
    {
        using var certificate = Listening.Certificate(server);
        var end = new DateTimeOffset(certificate.NotAfter);
        var host = Uri.TryCreate(server.PublicUrl, UriKind.Absolute, out var url) ? url.Host : "";
        if (end <= now) return Finding.Fail("listen", $"{server.Listen}: the certificate (Server:Certificate) ended on {end:u}. Renew it and restart the server.");
        if (!certificate.MatchesHostname(host)) return Finding.Warn("listen", $"{server.Listen}: the certificate (Server:Certificate) is not for {host}; right only if a proxy does not look at that.");
        return end - now < Soon ? Finding.Warn("listen", $"{server.Listen}: the certificate (Server:Certificate) ends on {end:u}.") : Finding.Ok("listen", $"{server.Listen}, certificate until {end:u}");
    }

    static IEnumerable<Finding> Proxies(ServerOptions server)
    {
        var wrong = "";
        try
        {
            _ = Listening.Proxies(server).ToList();
        }
        catch (SettingsException e)
        {
            wrong = e.Message;
        }
        if (wrong.Length > 0) yield return Finding.Fail("proxies", wrong);
        if (server is { PublicUrl: not null, Proxies: null } && server.PublicUrl.StartsWith("https:", StringComparison.Ordinal) && !server.Listen.Contains("https:", StringComparison.Ordinal))
            yield return Finding.Warn("proxies", "Server:Proxies is unset although a proxy must end TLS: all users have its address, and the throttles count them as one. Name the proxy's addresses.");
    }
}
