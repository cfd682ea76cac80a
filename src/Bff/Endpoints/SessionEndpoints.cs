using Microsoft.AspNetCore.Http;

namespace Poolhouse.Bff.Endpoints;

/// <summary>What the page asks: who is signed in, and, where that is allowed, for an access token. Both have passed the gate.</summary>
sealed class SessionEndpoints(SessionAccess access, Store.SessionVault vault)
{
    /// <summary>GET /bff/session: 200 always. Asking is no use of the session, or a page left open would keep it alive for ever.</summary>
    public async Task Session(HttpContext context)
    {
        var (live, reason) = await access.Of(context);
        await (live is null ? Replies.NoSession(context.Response, reason) : Replies.Session(context.Response, vault, live.State));
    }

    /// <summary>POST /bff/token: 200, 401 with the reason, or 503.</summary>
    public async Task Token(HttpContext context)
    {
        var (_, answer) = await access.Token(context);
        await (answer switch
        {
            { Access: not null } => Replies.Token(context.Response, answer, vault.Now),
            { Ended: true } => Replies.Ended(context.Response, answer.Reason),
            _ => Replies.Away(context.Response, answer.RetryAfter),
        });
    }
}
