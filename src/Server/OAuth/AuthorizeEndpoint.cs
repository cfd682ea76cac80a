using Poolhouse.Server.Http;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.OAuth;

/// <summary>GET /oauth2/authorize: to the callback if the browser is signed in, else to the sign-in page with the same query.</summary>
static class AuthorizeEndpoint
{
    public static async Task<IResult> Handle(
        HttpContext context, AuthorizationRequests requests, BrowserSessions browsers, IssueCode issue, PoolHosts hosts, ServerOptions server, CancellationToken cancel)
    {
        context.Response.Headers.CacheControl = "no-store";
        try
        {
            var request = await requests.Read(context.Request.Query, await hosts.PoolOf(context.Request, cancel), cancel);
            var browser = request.Prompt.Contains("login") ? null : await browsers.Find(context.Request, request.Pool.Id, cancel);
            if (browser is not null) return TypedResults.Redirect(await issue.Answer(request, browser.User, browser.AuthTime, cancel));
            if (!request.Prompt.Contains("none")) return TypedResults.Redirect("/login" + context.Request.QueryString);
            throw new AuthorizationRefusedException("login_required", request.RedirectUri, request.State, request.IsImplicit) { Pool = request.Pool };
        }
        catch (AuthorizationRefusedException refused)
        {
            return TypedResults.Redirect(refused.Location(server.IssuerOf(refused.Pool)));
        }
    }
}
