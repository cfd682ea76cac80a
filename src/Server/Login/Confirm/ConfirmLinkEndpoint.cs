using Poolhouse.Core;
using Poolhouse.Server.Http;
using Poolhouse.Server.Http.Pages;
using Poolhouse.Server.Login.Error;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Login.Confirm;

/// <summary>
/// /confirmUser: the link in a message that confirms a sign-up, in a pool whose messages have links in place of codes. It proves the
/// address and signs nobody in: whoever reads the mail need not be who typed the password, and programs that look at mail follow links.
/// </summary>
static class ConfirmLinkEndpoint
{
    public static async Task<IResult> Follow(
        HttpContext context, AuthorizationRequests requests, PoolStore pools, PoolHosts hosts, SignUp signUp, PageThrottle throttle, CancellationToken cancel)
    {
        var query = context.Request.Query;
        if (query["client_id"] is not [{ } clientId] || query["user_name"] is not [{ Length: > 0 } username] || query["confirmation_code"] is not [{ Length: > 0 } code]) throw Stale();
        var client = await requests.Client(clientId, await hosts.PoolOf(context.Request, cancel), cancel);
        var pool = await pools.Find(client.PoolId, cancel) ?? throw Stale();
        if (!await throttle.TakeTry(pool, username)) throw Stale();
        try
        {
            await signUp.Confirm(pool, client, new(username, code), cancel);
        }
        catch (RefusedException refused) when (refused.Reason is Refusal.UserNotFound or Refusal.UserConfirmedStatus or Refusal.CodeMismatch or Refusal.CodeExpired
            or Refusal.CodeAttemptsExceeded)
        {
            // All of these read alike: a link tells nobody who has an account.
            throw Stale();
        }
        PageHeaders.Apply(context.Response);
        return ErrorPage.Create(new("Your registration has been confirmed!", "You can close this page, go back to the app and sign in."));
    }

    static PageException Stale() => new(
        400, "This link does not work any more", "If you have followed it before, your account is confirmed: go back to the app and sign in. If not, ask the app for a new message.");
}
