using Poolhouse.Core;
using Poolhouse.Server.Login.Parts;
using Poolhouse.Server.Login.SignIn;
using Poolhouse.Server.SignIn;
using RazorSlices;

namespace Poolhouse.Server.Login.FirstFactors;

/// <summary>/factor: the password, or a code in its place, of a user who was named on the page before.</summary>
static class FirstFactorEndpoint
{
    static readonly string[] Names = [ChoiceSignIn.Select, ChoiceSignIn.Password];

    public static async Task<IResult> Show(HttpContext context, Visits visits, Asking asking)
    {
        var visit = await visits.Open(context);
        return await Page(visit, asking, visit.Session);
    }

    public static async Task<IResult> Submit(
        HttpContext context, Visits visits, Asking asking, ChoiceSignIn choice, Beginning beginning, Unready unready, Arrival arrival)
    {
        var visit = await visits.Posted(context);
        if (visit.FaultOf() is { } forged) return await Page(visit, asking, visit.Session, forged);
        string? username = null;
        try
        {
            var challenge = await asking.Open(visit, Names);
            username = challenge.Progress.Username;
            // Who was asked for the password had no other choice, whatever the form says.
            var chosen = challenge.Name == ChoiceSignIn.Select ? visit.Field("factor") : null;
            if (chosen is null && visit.FaultOf("password") is { } missing) return await Page(visit, asking, visit.Session, missing);
            var factor = chosen is null ? new FirstFactor(ChoiceSignIn.Password, visit.Field("password")) : new(chosen);
            return await arrival.Go(visit, await choice.Answer(visit.Attempt, challenge.Name, challenge.Handle, null, factor, visit.Cancel));
        }
        catch (RefusedException refused) when (refused.Reason == Refusal.UserNotConfirmed)
        {
            return await unready.ToConfirm(visit, username!);
        }
        catch (RefusedException refused) when (refused.Reason == Refusal.PasswordResetRequired)
        {
            return await unready.ToReset(visit, username!);
        }
        // A password spends its challenge, right or wrong: the next try begins anew, on the same page.
        catch (RefusedException refused) when (refused.Reason is Refusal.WrongPassword or Refusal.UserNotFound or Refusal.LockedOut or Refusal.Overloaded)
        {
            return await Again(visit, asking, beginning, username!, LoginErrors.Of(refused));
        }
        catch (RefusedException refused)
        {
            return await Page(visit, asking, visit.Session, LoginErrors.Of(refused));
        }
    }

    static async Task<IResult> Again(Visit visit, Asking asking, Beginning beginning, string username, Fault fault)
    {
        try
        {
            return await Page(visit, asking, ((SignInStep.Asked)await beginning.Begin(visit, username)).Session, fault);
        }
        catch (RefusedException refused)
        {
            return await Page(visit, asking, null, LoginErrors.Of(refused));
        }
    }

    static Task<IResult> Page(Visit visit, Asking asking, string? session, Fault? fault = null) => asking.Page(visit, session, fault, challenge =>
    {
        var offered = challenge.Name == ChoiceSignIn.Password ? [ChoiceSignIn.Password] : Beginning.ForPeople(challenge.Progress.Choices!);
        return Task.FromResult<RazorSlice>(FirstFactorPage.Create(new(
            visit.ClientName, visit.Post("/factor", challenge.Handle), visit.UsernameLabel, challenge.Progress.Username,
            offered.Contains(ChoiceSignIn.Password), [.. offered.Where(factor => factor != ChoiceSignIn.Password).Select(factor => Choice.Of(factor))],
            fault?.Problem, visit.AllowsRecovery ? visit.To("/forgotPassword") : null, visit.To("/login"))));
    }, Names);
}
