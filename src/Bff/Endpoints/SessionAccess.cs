using Microsoft.AspNetCore.Http;
using Poolhouse.Bff.Refreshing;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Endpoints;

/// <summary>From a request to its session and on to an access token. Thread-safe.</summary>
sealed class SessionAccess(BffCookies cookies, SessionVault vault, TokenRefresh refresh)
{
    /// <summary>The live session of a request, or why there is none.</summary>
    public async Task<(Held? Live, EndReason? Reason)> Of(HttpContext context)
    {
        if (SessionVault.IdOf(cookies.Handle(context.Request)) is not { } id || await vault.Find(id, context.RequestAborted) is not { } held) return (null, null);
        if (vault.EndOf(held.State) is not { } reason) return (held, null);
        // Written down, so that the reason stays the same on every node and the tokens are gone.
        if (held.State.Reason is null) await vault.End(id, reason, "noticed at a call", null, default);
        return (null, reason);
    }

    /// <summary>The access token of a request that counts as use of the session.</summary>
    public async Task<(Held? Live, TokenAnswer Answer)> Token(HttpContext context)
    {
        var (live, reason) = await Of(context);
        if (live is null) return (null, TokenAnswer.Over(reason));
        await vault.Touch(live, context.RequestAborted);
        return (live, await refresh.Token(live, context.RequestAborted));
    }
}
