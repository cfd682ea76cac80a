using Poolhouse.Core;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login.ResendCode;

/// <summary>/resendcode: another code for a sign-up. Where it went is shown to the browser that signed up, and to nobody else.</summary>
static class ResendCodeEndpoint
{
    public static async Task<IResult> Show(HttpContext context, Visits visits) => Page(await visits.Open(context));

    public static async Task<IResult> Submit(HttpContext context, Visits visits, SignUp signUp, CodeSending sending)
    {
        var visit = await visits.Posted(context);
        if (visit.FaultOf("username") is { } fault) return Page(visit, fault);
        try
        {
            var to = await sending.Try(visit, visit.Username!, () => signUp.SendAgain(visit.Pool, visit.Client, visit.Username!, null, visit.Cancel));
            var known = visit.State is { ProvenSub: not null } state && state.Username == visit.Username ? state : null;
            return visits.Next(visit, "/confirm", known is null
                ? new(visit.Pool.Id, visit.Client.Id, visit.Username!)
                : known with { Medium = to?.Medium, Destination = to?.Masked });
        }
        catch (RefusedException refused)
        {
            return Page(visit, LoginErrors.Of(refused));
        }
    }

    static IResult Page(Visit visit, Fault? fault = null) => visit.Show(ResendCodePage.Create(new(
        visit.ClientName, visit.Post("/resendcode"), visit.UsernameLabel, visit.Username ?? visit.State?.Username, fault?.Problem, visit.To("/login"))), fault);
}
