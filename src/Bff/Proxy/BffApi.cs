using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Poolhouse.Bff.Endpoints;
using Poolhouse.Bff.Store;
using Yarp.ReverseProxy.Forwarder;

namespace Poolhouse.Bff.Proxy;

/// <summary>Passes the calls of one prefix on to one API, with the session's access token (RFC 10017 §6.1.3.6). It ends when the session ends.</summary>
sealed class BffApi(string target, BffApiOptions api, ApiForwarder forwarder)
{
    readonly ForwarderRequestConfig config = new() { ActivityTimeout = api.ActivityTimeout };

    public async Task Handle(HttpContext context)
    {
        var prefix = context.Request.PathBase + Prefix(context);
        if (SafePath.After(context.Features.Get<IHttpRequestFeature>()!.RawTarget, prefix) is not { } path)
        {
            await Replies.Problem(context.Response, 400, "invalid_path", "This path is not passed on: it holds an encoded slash, a way up, or an empty segment.");
            return;
        }
        // A WebSocket over HTTP/2 comes by CONNECT (RFC 8441) and is a GET in all but name.
        if (!api.Methods.Contains(CallGate.IsWebSocket(context.Request) ? "GET" : context.Request.Method))
        {
            await Replies.Problem(context.Response, 405, "method_not_allowed", "This method is not passed on.");
            return;
        }
        await forwarder.Forward(context, new Uri(target + path + context.Request.QueryString), config);
    }

    // The route's own text: "/api/{**path}", with what a group has put before it.
    static string Prefix(HttpContext context)
    {
        var pattern = "/" + ((RouteEndpoint)context.GetEndpoint()!).RoutePattern.RawText!.TrimStart('/');
        return pattern[..pattern.IndexOf("/{**", StringComparison.Ordinal)];
    }
}

/// <summary>Sends a call on with the token of its session. One connection pool for all APIs, which knows no cookies and follows no redirect.</summary>
sealed class ApiForwarder(IHttpForwarder forwarder, SessionAccess access, SessionWatch watch, SessionVault vault) : IDisposable
{
    readonly HttpMessageInvoker http = new(new SocketsHttpHandler
    {
        UseProxy = false, AllowAutoRedirect = false, UseCookies = false, AutomaticDecompression = System.Net.DecompressionMethods.None,
        ConnectTimeout = TimeSpan.FromSeconds(15), PooledConnectionLifetime = TimeSpan.FromMinutes(5), EnableMultipleHttp2Connections = true,
    });

    public async Task Forward(HttpContext context, Uri to, ForwarderRequestConfig config)
    {
        var (live, answer) = await access.Token(context);
        if (answer.Ended || live is null)
        {
            await Replies.Ended(context.Response, answer.Reason);
            return;
        }
        if (answer.Access is null)
        {
            await Replies.Away(context.Response, answer.RetryAfter);
            return;
        }
        using var call = watch.Begin(live.Id, live.State.ProviderSession, context.RequestAborted);
        // Asked after the watch stands, so that an end which came in between is not missed.
        if (vault.EndOf(live.State) is not null) call.End();
        await forwarder.SendAsync(context, to.GetLeftPart(UriPartial.Authority), http, config, new WithToken(to, answer.Access), call.Ended);
        // Ended before the API had answered: the page must hear that, and not of a bad gateway.
        if (call.Ended.IsCancellationRequested && !context.RequestAborted.IsCancellationRequested && !context.Response.HasStarted)
            await Replies.Ended(context.Response, vault.EndOf(live.State));
    }

    public void Dispose() => http.Dispose();

    /// <summary>Replaces what the browser sent of credentials by the token, and keeps from the browser what an API may not set for this site.</summary>
    sealed class WithToken(Uri to, string token) : HttpTransformer
    {
        static readonly string[] NotForTheApi = ["Cookie", "Authorization", "Proxy-Authorization", "Origin", "Referer", CallGate.Header, "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix"];

        // Cookies, CORS and stored data of this origin are the Bff's: an API behind it could else plant a session or open it to others.
        static readonly string[] NotForTheBrowser = ["Set-Cookie", "Clear-Site-Data", "Access-Control-Allow-Origin", "Access-Control-Allow-Credentials", "Access-Control-Allow-Headers",
            "Access-Control-Allow-Methods", "Access-Control-Expose-Headers", "Access-Control-Max-Age", "Service-Worker-Allowed"];

        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            foreach (var name in NotForTheApi) proxyRequest.Headers.Remove(name);
            foreach (var name in proxyRequest.Headers.Select(header => header.Key).Where(name => name.StartsWith("Sec-Fetch-", StringComparison.OrdinalIgnoreCase)).ToList()) proxyRequest.Headers.Remove(name);
            proxyRequest.RequestUri = to;
            proxyRequest.Headers.Host = null;
            proxyRequest.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        }

        public override async ValueTask<bool> TransformResponseAsync(HttpContext httpContext, HttpResponseMessage? proxyResponse, CancellationToken cancellationToken)
        {
            if (proxyResponse is not null)
                foreach (var name in NotForTheBrowser) proxyResponse.Headers.Remove(name);
            return await base.TransformResponseAsync(httpContext, proxyResponse, cancellationToken);
        }
    }
}
