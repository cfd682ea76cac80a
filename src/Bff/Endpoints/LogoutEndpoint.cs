using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Poolhouse.Bff.Provider;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Endpoints;

/// <summary>
/// GET or POST /bff/logout?returnUrl=: ends the session here, revokes it at the provider, and goes to the provider's own logout, so that the next sign-in asks again.
/// A GET counts only if the browser says that a page of ours, or the user, began it; else a page asks for a click. So neither another site nor a sibling
/// subdomain can sign anybody out.
/// </summary>
sealed class LogoutEndpoint(BffCookies cookies, SessionVault vault, ProviderClient provider, CallGate gate, CheckedBffOptions options, BffTelemetry told)
{
    public async Task Handle(HttpContext context)
    {
        var url = context.Request.Query["returnUrl"] is { Count: > 0 } given ? given.ToString() : "/";
        if (!LocalUrl.IsLocal(url))
        {
            await BffPages.Problem(context.Response, 400, "This link does not work", "returnUrl must be a path of this site.", "/");
            return;
        }
        if (HttpMethods.IsPost(context.Request.Method) && gate.FormRefusal(context.Request) is { } why)
        {
            told.Refused(context.Request.Path, why);
            await BffPages.Problem(context.Response, 403, "Not signed out", "The request came from another site.", "/");
            return;
        }
        if (!HttpMethods.IsPost(context.Request.Method) && context.Request.Headers["Sec-Fetch-Site"] is not (["same-origin"] or ["none"]))
        {
            await BffPages.ConfirmSignOut(context.Response, QueryHelpers.AddQueryString(context.Request.PathBase + options.Path("logout"), "returnUrl", url));
            return;
        }
        var ended = SessionVault.IdOf(cookies.Handle(context.Request)) is { } id ? await vault.End(id, EndReason.SignedOut, "signed out in the app", null, default) : null;
        cookies.Clear(context.Response);
        await provider.Revoke(ended?.State.Tokens?.Refresh);
        await Leave(context, url, ended?.State.Tokens?.Id);
    }

    /// <summary>GET /bff/signed-out: back from the provider.</summary>
    public Task SignedOut(HttpContext context)
    {
        BffPages.Harden(context.Response);
        var url = cookies.TakeReturn(context);
        See(context.Response, LocalUrl.IsLocal(url) ? url! : "/");
        return Task.CompletedTask;
    }

    async Task Leave(HttpContext context, string url, string? idToken)
    {
        BffPages.Harden(context.Response);
        if (await EndSession(context, idToken) is not { } address)
        {
            See(context.Response, url);
            return;
        }
        cookies.SetReturn(context.Response, url);
        See(context.Response, address);
    }

    // Null if the provider has no logout, or cannot be asked for it: the session here is over all the same.
    async Task<string?> EndSession(HttpContext context, string? idToken)
    {
        try
        {
            var configuration = await provider.Configuration(context.RequestAborted);
            var query = new Dictionary<string, string?> { ["client_id"] = options.ClientId };
            if (options.Provider == BffProvider.Cognito)
            {
                // Amazon's discovery may name no logout; it lies on the host of the authorization endpoint.
                query["logout_uri"] = options.SignedOutUrl;
                return QueryHelpers.AddQueryString(options.EndSession?.ToString() ?? new Uri(new Uri(configuration.AuthorizationEndpoint), "/logout").ToString(), query);
            }
            query["post_logout_redirect_uri"] = options.SignedOutUrl;
            if (options.SendIdTokenHint && idToken is not null) query["id_token_hint"] = idToken;
            var endpoint = options.EndSession?.ToString() ?? configuration.EndSessionEndpoint;
            return string.IsNullOrEmpty(endpoint) ? null : QueryHelpers.AddQueryString(endpoint, query);
        }
        catch (Exception fault) when (fault is InvalidOperationException or HttpRequestException or IOException)
        {
            told.NotRevoked(fault);
            return null;
        }
    }

    // 303: whatever the method was, the next is a GET.
    static void See(HttpResponse response, string address)
    {
        response.StatusCode = StatusCodes.Status303SeeOther;
        response.Headers.Location = address;
    }
}
