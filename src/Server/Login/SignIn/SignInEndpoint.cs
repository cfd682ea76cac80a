using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Login.FirstFactors;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login.SignIn;

/// <summary>/login: user name and password; the user name alone where what follows is a choice.</summary>
static class SignInEndpoint
{
    // The form is shown to a signed-in browser too: /oauth2/authorize is where a live session goes through.
    public static async Task<IResult> Show(HttpContext context, Visits visits)
    {
        var visit = await visits.Open(context);
        var request = visit.Request;
        if (request.Prompt.Contains("none"))
            throw new AuthorizationRefusedException("login_required", request.RedirectUri, request.State, request.IsImplicit) { Pool = request.Pool };
        return Page(visit);
    }

    public static async Task<IResult> Submit(HttpContext context, Visits visits, PasswordSignIn signIn, Beginning beginning, Unready unready, Arrival arrival)
    {
        var visit = await visits.Posted(context);
        if (visit.FaultOf(visit.ChoosesFactor ? ["username"] : ["username", "password"]) is { } fault) return Page(visit, fault);
        try
        {
            return await arrival.Go(visit, visit.ChoosesFactor
                ? await beginning.Begin(visit, visit.Username!)
                : await signIn.SignIn(visit.Attempt, visit.Username!, visit.Field("password")!, null, visit.Cancel));
        }
        // The password was right in these two, so that what follows says nothing to a stranger.
        catch (RefusedException refused) when (refused.Reason == Refusal.UserNotConfirmed)
        {
            return await unready.ToConfirm(visit, visit.Username!);
        }
        catch (RefusedException refused) when (refused.Reason == Refusal.PasswordResetRequired)
        {
            return await unready.ToReset(visit, visit.Username!);
        }
        catch (RefusedException refused)
        {
            return Page(visit, LoginErrors.Of(refused));
        }
    }

    /// <summary>The page; other steps that cannot go on end here too.</summary>
    public static IResult Page(Visit visit, Fault? fault = null)
    {
        var hint = visit.Request.LoginHint is { Length: <= 128 } text ? text : null;
        var username = visit.Username ?? (visit.Forged is null ? visit.State?.Username : null) ?? (visit.Form is null ? hint : null);
        return visit.Show(SignInPage.Create(new(
            visit.ClientName, visit.Post("/login"), visit.UsernameLabel, username, fault?.Problem,
            visit.AllowsRecovery ? visit.To("/forgotPassword") : null, visit.AllowsSignUp ? visit.To("/signup") : null, !visit.ChoosesFactor)), fault);
    }
}

/// <summary>Where a right password leads that does not sign in yet.</summary>
sealed class Unready(Visits visits, Accounts accounts, SignUp signUp, CodeSending sending)
{
    /// <summary>An account that was never confirmed: a fresh code, and the page that takes it.</summary>
    public async Task<IResult> ToConfirm(Visit visit, string username)
    {
        var user = await accounts.Find(visit.Pool, username, visit.Cancel);
        var to = await sending.Try(visit, username, () => signUp.SendAgain(visit.Pool, visit.Client, username, null, visit.Cancel));
        return visits.Next(visit, "/confirm", new(visit.Pool.Id, visit.Client.Id, username, null, to?.Medium, to?.Masked, user?.Sub));
    }

    /// <summary>A password that an administrator has reset.</summary>
    public async Task<IResult> ToReset(Visit visit, string username)
    {
        await sending.Forgotten(visit, username);
        return visits.Next(visit, "/confirmforgotPassword", new(visit.Pool.Id, visit.Client.Id, username));
    }
}
