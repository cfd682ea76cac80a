using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Login.Parts;
using Poolhouse.Server.SignIn;
using RazorSlices;

namespace Poolhouse.Server.Login.MfaSetup;

/// <summary>/mfaSetup: a user who has no second factor sets one up, where the pool demands it: an authenticator app, or an address for codes.</summary>
static class MfaSetupEndpoint
{
    public static async Task<IResult> Show(HttpContext context, Visits visits, Asking asking) => await Page(await visits.Open(context), asking);

    public static async Task<IResult> Submit(HttpContext context, Visits visits, Asking asking, MfaChoice choice, Arrival arrival)
    {
        var visit = await visits.Posted(context);
        var byEmail = visit.Field("attribute.email") is not null;
        if (visit.FaultOf(byEmail ? "attribute.email" : "code") is { } fault) return await Page(visit, asking, fault);
        try
        {
            var session = byEmail ? visit.Session : await choice.Verify(visit.Attempt, visit.Session ?? "", visit.Code!, null, visit.Cancel);
            return await arrival.Go(visit, await choice.Finish(visit.Attempt, session, null, visit.Attribute("email"), visit.Cancel));
        }
        catch (RefusedException refused)
        {
            return await Page(visit, asking, LoginErrors.Of(refused));
        }
    }

    static Task<IResult> Page(Visit visit, Asking asking, Fault? fault = null) => asking.Page(visit, fault, challenge =>
        Task.FromResult<RazorSlice>(MfaSetupPage.Create(new(
            visit.ClientName, visit.Post("/mfaSetup", challenge.Handle),
            challenge.Progress.SoftwareToken is { } secret ? AppKey.Of(visit.Pool.Name, visit.NameOf(challenge.User!), Totp.Text(secret)) : null,
            challenge.Progress.Choices!.Contains(Factor.Email) ? AttributeField.For("email", required: true, visit.Attribute("email"), fault?.Problem) : null,
            fault?.Problem, visit.To("/login")))), SecondFactors.Setup);
}
