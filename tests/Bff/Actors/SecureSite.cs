using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Poolhouse.Bff.Tests.Actors;

/// <summary>An app behind a Bff on https, a sibling subdomain that somebody else has, and a real browser in which a person may sign in.</summary>
sealed class SecureSite : IAsyncDisposable
{
    readonly X509Certificate2 certificate;
    readonly int sibling;

    SecureSite(X509Certificate2 certificate, int sibling, Cluster cluster, Chromium browser) => (this.certificate, this.sibling, Cluster, Browser) = (certificate, sibling, cluster, browser);

    public Cluster Cluster { get; }

    public Chromium Browser { get; }

    /// <summary>Starts all of it; <c>/first</c> tells of the request for it, and <c>/toss?cookie=…</c> sets a cookie for whichever host it is asked at.</summary>
    public static async Task<SecureSite> Start(IdentityProvider provider, Action<WebApplication>? routes = null)
    {
        var (port, sibling, certificate) = (FreePort(), FreePort(), Certificate());
        var cluster = await Cluster.Start(provider, new(
            Url: $"https://app.test:{port}",
            Web: web => web.UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Loopback, port, listen => listen.UseHttps(certificate));
                kestrel.Listen(IPAddress.Loopback, sibling, listen => listen.UseHttps(certificate));
            }),
            Routes: app =>
            {
                app.MapGet("/first", (HttpContext context) => Results.Content(
                    $"<!doctype html><title>first</title><p>{(context.Request.Cookies.ContainsKey("__Host-Http-bff") ? "with" : "without")} the cookie, from {context.Request.Headers["Sec-Fetch-Site"]}</p>", "text/html"));
                app.MapGet("/toss", (HttpContext context) =>
                {
                    context.Response.Headers.SetCookie = context.Request.Query["cookie"];
                    return "tossed";
                });
                routes?.Invoke(app);
            }));
        return new(certificate, sibling, cluster, await Chromium.Start("MAP *.test 127.0.0.1"));
    }

    public async Task SignIn(string user, string returnUrl)
    {
        await Browser.Go($"{Cluster.Url}/bff/login?returnUrl={returnUrl}");
        await Browser.Until("!!document.querySelector('input[name=username]')");
        await Browser.Run($"(document.querySelector('input[name=username]').value = '{user}', document.querySelector('input[name=password]').value = '{IdentityProvider.Password}', document.querySelector('input[name=password]').form.submit())");
        await Browser.Until($"location.pathname === '{returnUrl}' && location.host.startsWith('app')");
    }

    public async Task GoToSibling()
    {
        await Browser.Go($"https://evil.app.test:{sibling}/");
        await Browser.Until("location.host.startsWith('evil') && document.readyState === 'complete'");
    }

    public async Task GoHome()
    {
        await Browser.Go($"{Cluster.Url}/first");
        await Browser.Until("location.pathname === '/first' && location.host.startsWith('app') && document.readyState === 'complete'");
    }

    /// <summary>Who is signed in, as a page of the app is told; empty for nobody.</summary>
    public Task<string> Name() => Browser.Run("fetch('/bff/session', { headers: { 'X-Bff': '1' } }).then(async reply => (await reply.json()).claims?.['cognito:username'] ?? '')");

    /// <summary>The value of the session's cookie in the browser; null without one.</summary>
    public async Task<string?> Handle() => (string?)(await Browser.Cookies()).SingleOrDefault(one => (string?)one!["name"] == "__Host-Http-bff")?["value"];

    public async ValueTask DisposeAsync()
    {
        await Browser.DisposeAsync();
        await Cluster.DisposeAsync();
        certificate.Dispose();
    }

    static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=app.test", key, HashAlgorithmName.SHA256).CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
