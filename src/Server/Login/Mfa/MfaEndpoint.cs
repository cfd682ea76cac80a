using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Login.Parts;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;
using RazorSlices;

namespace Poolhouse.Server.Login.Mfa;

/// <summary>/mfa: a code that was sent, as a first factor or a second one, or that an authenticator app shows.</summary>
static class MfaEndpoint
{
    static readonly string[] Names = [Factor.Sms, Factor.Email, Factor.Totp, "SMS_OTP"];

    public static async Task<IResult> Show(HttpContext context, Visits visits, Asking asking, CodeSource source) =>
        await Page(await visits.Open(context), asking, source);

    public static async Task<IResult> Submit(HttpContext context, Visits visits, Asking asking, CodeSource source, CodeAnswers answers, Arrival arrival)
    {
        var visit = await visits.Posted(context);
        if (visit.FaultOf("code") is { } fault) return await Page(visit, asking, source, fault);
        try
        {
            var challenge = await asking.Open(visit, Names);
            return await arrival.Go(visit, await answers.Take(visit.Attempt, challenge.Name, challenge.Handle, null, visit.Code!, visit.Cancel));
        }
        catch (RefusedException refused)
        {
            return await Page(visit, asking, source, LoginErrors.Of(refused));
        }
    }

    static Task<IResult> Page(Visit visit, Asking asking, CodeSource source, Fault? fault = null) => asking.Page(visit, fault, async challenge =>
        (RazorSlice)MfaPage.Create(new(
            visit.ClientName, visit.Post("/mfa", challenge.Handle), source.Delivery(visit, challenge), await source.AppName(challenge, visit.Cancel),
            fault?.Problem, visit.To("/login"))), Names);
}

/// <summary>Where the code of a challenge is to be found.</summary>
sealed class CodeSource(Nobody nobody, FactorStore factors)
{
    /// <summary>Where it was sent, or seemed to be; null if an authenticator app shows it.</summary>
    public CodeDelivery? Delivery(Visit visit, OpenChallenge challenge)
    {
        if (challenge.Progress.Code is not { } sent) return null;
        var to = challenge.User is { } user
            ? new Destination(sent.Attribute, sent.Address ?? user.Attribute(sent.Attribute) ?? "")
            : nobody.Destination(visit.Pool, challenge.Progress.Username, sent.Attribute);
        return new(to.Medium, to.Masked);
    }

    /// <summary>What the user calls the device with the authenticator app, or null.</summary>
    public async Task<string?> AppName(OpenChallenge challenge, CancellationToken cancel) =>
        challenge is { Name: Factor.Totp or SecondFactors.Select, User: { } user } ? (await factors.Get(user.PoolId, user.Sub, cancel)).TotpName : null;
}
