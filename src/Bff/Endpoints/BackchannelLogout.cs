using Microsoft.AspNetCore.Http;
using Poolhouse.Bff.Provider;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Endpoints;

/// <summary>
/// POST /bff/backchannel-logout: the provider says that a user has signed out (OpenID Connect Back-Channel Logout 1.0 §2.5). It comes from a server: no cookie, no gate; the
/// token is the proof.
/// </summary>
sealed class BackchannelLogout(LogoutTokens tokens, SessionVault vault, ProviderClient provider, BffTelemetry told)
{
    const int LongestForm = 16 * 1024;

    public async Task Handle(HttpContext context)
    {
        if (await Read(context) is not { } text || await tokens.Check(text, context.RequestAborted) is not { } logout)
        {
            // §2.8.
            await Replies.Problem(context.Response, StatusCodes.Status400BadRequest, "invalid_request", "The logout token is not valid here.");
            return;
        }
        var ended = logout.Session is not null ? await vault.OfProviderSession(logout.Session, context.RequestAborted) : await vault.OfUser(logout.Subject!, context.RequestAborted);
        // §2.5: a token with both must name both.
        foreach (var held in ended.Where(held => logout.Subject is null || logout.Subject == held.State.Subject))
            if (await vault.End(held.Id, EndReason.SignedOut, "the provider said so", null, context.RequestAborted) is { } was) await provider.Revoke(was.State.Tokens?.Refresh);
        BffPages.Harden(context.Response);
        context.Response.StatusCode = StatusCodes.Status200OK;
    }

    async Task<string?> Read(HttpContext context)
    {
        if (!context.Request.HasFormContentType || context.Request.ContentLength > LongestForm) return null;
        try
        {
            var form = await context.Request.ReadFormAsync(new() { BufferBodyLengthLimit = LongestForm, ValueLengthLimit = LongestForm, ValueCountLimit = 10 }, context.RequestAborted);
            return form["logout_token"] is [{ Length: > 0 } one] ? one : null;
        }
        catch (InvalidDataException)
        {
            told.LogoutTokenRefused("the form is too large");
            return null;
        }
    }
}
