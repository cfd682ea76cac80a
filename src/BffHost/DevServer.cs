using Yarp.ReverseProxy.Forwarder;

namespace Poolhouse.BffHost;

/// <summary>Passes everything that is not ours on to the development server of a single-page app, its WebSocket for hot reload included.</summary>
static class DevServer
{
    public static void Map(WebApplication app, string server)
    {
        if (!Uri.TryCreate(server, UriKind.Absolute, out var uri) || !uri.IsLoopback) throw new HostSettingsException("App:DevServer is an address on this machine, like http://localhost:5173.");
        var http = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });
        app.Lifetime.ApplicationStopped.Register(http.Dispose);
        var forwarder = app.Services.GetRequiredService<IHttpForwarder>();
        app.MapFallback("{**path}", async context => await forwarder.SendAsync(context, uri.GetLeftPart(UriPartial.Authority), http, ForwarderRequestConfig.Empty, new WithoutCookies()));
    }

    /// <summary>Takes the session's cookie off: what compiles the page has no use for it.</summary>
    sealed class WithoutCookies : HttpTransformer
    {
        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.Headers.Remove("Cookie");
            proxyRequest.Headers.Host = null;
        }
    }
}
