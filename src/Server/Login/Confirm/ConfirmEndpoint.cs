using Poolhouse.Core;
using Poolhouse.Server.Login.Error;
using Poolhouse.Server.Login.Parts;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login.Confirm;

/// <summary>
/// /confirm: the code of a sign-up. Who gave the password in this browser a moment ago goes on to the app; anybody else
/// has proven an address only, and goes to sign in.
/// </summary>
static class ConfirmEndpoint
{
    public static async Task<IResult> Show(HttpContext context, Visits visits) => Page(await visits.Open(context));

    public static async Task<IResult> Submit(HttpContext context, Visits visits, SignUp signUp, NextStep next, PageThrottle throttle, Arrival arrival)
    {
        var visit = await visits.Posted(context);
        if (visit.FaultOf("username", "code") is { } fault) return Page(visit, fault);
        if (!await throttle.TakeTry(visit.Pool, visit.Username!)) return Page(visit, LoginErrors.Of(Refusal.CodeAttemptsExceeded, null));
        try
        {
            var (user, _) = await signUp.Confirm(visit.Pool, visit.Client, new(visit.Username!, visit.Code!), visit.Cancel);
            return user.Enabled && visit.State?.ProvenSub == user.Sub
                ? await arrival.Go(visit, await next.AfterFirstFactor(visit.Attempt, user, new(visit.Username!) { PasswordProven = true }, visit.Cancel))
                : visits.Next(visit, "/login", new(visit.Pool.Id, visit.Client.Id, visit.Username!));
        }
        catch (RefusedException refused)
        {
            return Page(visit, OfCode(refused));
        }
    }

    /// <summary>The fault of a page that takes a code: who does not exist looks like who has the wrong one.</summary>
    public static Fault OfCode(RefusedException refused) => refused.Reason is
        Refusal.UserNotFound or Refusal.UserNotConfirmed or Refusal.UserConfirmedStatus or Refusal.CodeAttemptsExceeded
            ? LoginErrors.Of(Refusal.CodeMismatch, null)
            : LoginErrors.Of(refused);

    static IResult Page(Visit visit, Fault? fault = null)
    {
        var state = visit.State;
        if (state?.Medium == "NONE" && fault is null)
            return visit.Show(ErrorPage.Create(new("Almost there", "Your account was made. An administrator must confirm it before you can sign in.")));
        var username = visit.Username ?? state?.Username;
        var delivery = state is { Medium: "EMAIL" or "SMS", Destination: { } to } && state.Username == username ? new CodeDelivery(state.Medium, to) : null;
        return visit.Show(ConfirmPage.Create(new(
            visit.ClientName, visit.Post("/confirm"), visit.UsernameLabel, username, delivery, fault?.Problem,
            username is null ? null : visit.Post("/resendcode"))), fault);
    }
}
