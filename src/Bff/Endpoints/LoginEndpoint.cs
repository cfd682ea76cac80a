using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Endpoints;

/// <summary>GET /bff/login?returnUrl=: a navigation that goes to the provider. The state, nonce and verifier are bound to this browser by the handler's cookies.</summary>
sealed class LoginEndpoint(BffCookies cookies, BffTelemetry told)
{
    /// <summary>Where the state of a sign-in keeps the session that the browser had before.</summary>
    public const string Former = "former";

    public async Task Handle(HttpContext context)
    {
        var url = context.Request.Query["returnUrl"] is { Count: > 0 } given ? given.ToString() : "/";
        if (!LocalUrl.IsLocal(url))
        {
            await BffPages.Problem(context.Response, 400, "This link does not work", "returnUrl must be a path of this site.", "/");
            return;
        }
        // Not from an image or a hidden frame: those navigate nobody.
        if (context.Request.Headers["Sec-Fetch-Dest"] is { Count: > 0 } destination && destination is not ["document"])
        {
            await Replies.Problem(context.Response, 403, "forbidden", "The login is a navigation of the whole page.");
            return;
        }
        var properties = new AuthenticationProperties { RedirectUri = url };
        if (SessionVault.IdOf(cookies.Handle(context.Request)) is { } former) properties.Items[Former] = former;
        try
        {
            BffPages.Harden(context.Response);
            await context.ChallengeAsync(BffExtensions.OpenIdScheme, properties);
        }
        catch (Exception fault) when (fault is InvalidOperationException or HttpRequestException or IOException && !context.Response.HasStarted)
        {
            told.SignInFailed(fault);
            context.Response.Headers.RetryAfter = "5";
            await BffPages.Problem(context.Response, 503, "Signing in is not possible at the moment", "The sign-in service does not answer. Please try again in a few seconds.", "/");
        }
    }
}
