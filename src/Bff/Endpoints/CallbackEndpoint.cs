using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;
using Poolhouse.Bff.Provider;
using Poolhouse.Bff.Refreshing;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Endpoints;

/// <summary>GET /bff/callback: the provider's answer. The handler checks it; what it yields becomes a session under a new id.</summary>
sealed class CallbackEndpoint(BffCookies cookies, SessionVault vault, TokenLifetimes lifetimes, ProviderClient provider, CheckedBffOptions options, BffTelemetry told)
{
    const long UsualLifetime = 300;

    /// <summary>Lets the handler answer; the middleware of authentication has done so before where the application has it.</summary>
    public static async Task Handle(HttpContext context, IAuthenticationHandlerProvider handlers)
    {
        if (await handlers.GetHandlerAsync(context, BffExtensions.OpenIdScheme) is IAuthenticationRequestHandler handler && await handler.HandleRequestAsync()) return;
        await BffPages.Problem(context.Response, 400, "Signing in did not work", "The answer was not for this address.", "/");
    }

    /// <summary>Everything is verified: begins the session.</summary>
    public async Task SignedIn(TicketReceivedContext ticket)
    {
        var context = ticket.HttpContext;
        var properties = ticket.Properties!;
        var id = IdToken.Read(properties.GetTokenValue("id_token"))!;
        var granted = new Granted(properties.GetTokenValue("access_token") ?? throw new InvalidDataException("The provider gave no access token."),
            properties.GetTokenValue("refresh_token"), properties.GetTokenValue("id_token"), Lifetime(properties.GetTokenValue("expires_at")));
        var state = new SessionState(null, id.Subject, id.Session, vault.Now, vault.Now, vault.Now + (long)options.Given.EndsAfter.TotalMilliseconds, id.Claims, lifetimes.Of(granted));

        // Always a new id: one that was planted before the sign-in is worth nothing after it. The browser's former session ends, or nobody could reach it any more.
        var (handle, _) = await vault.Create(state, context.RequestAborted);
        if (properties.Items.TryGetValue(LoginEndpoint.Former, out var former) && former is not null && await vault.End(former, EndReason.SignedOut, "signed in anew", null, default) is { } ended)
            _ = provider.Revoke(ended.State.Tokens?.Refresh);
        cookies.Set(context.Response, handle);
        var url = ticket.ReturnUri;
        await BffPages.GoOn(context.Response, LocalUrl.IsLocal(url) ? url! : "/");
        ticket.HandleResponse();
    }

    /// <summary>Refused, cancelled, forged, or too late: a session that the browser has already stays as it is.</summary>
    public async Task Failed(RemoteFailureContext failed)
    {
        told.SignInFailed(failed.Failure);
        var declined = failed.Failure?.Data["error"] is "access_denied";
        await BffPages.Problem(failed.Response, 400, "Signing in did not work",
            declined ? "It was cancelled." : "The answer of the sign-in service did not fit this browser, or came too late. Please begin again.", "/");
        failed.HandleResponse();
    }

    long Lifetime(string? expiresAt) => DateTimeOffset.TryParse(expiresAt, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
        ? Math.Max(1, (at.ToUnixTimeMilliseconds() - vault.Now + 500) / 1000) : UsualLifetime;
}
