using Poolhouse.Core;
using Poolhouse.Server.Login.Confirm;
using Poolhouse.Server.Login.Forgot;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login.ResetPassword;

/// <summary>
/// /confirmforgotPassword: the code and the new password. It ends at the sign-in page: a reset must not be a way around
/// whatever else a sign-in asks for (security.md P5).
/// </summary>
static class ResetPasswordEndpoint
{
    public static async Task<IResult> Show(HttpContext context, Visits visits) => Page(ForgotPasswordEndpoint.Allowed(await visits.Open(context)));

    public static async Task<IResult> Submit(HttpContext context, Visits visits, ForgottenPassword forgotten, PageThrottle throttle)
    {
        var visit = ForgotPasswordEndpoint.Allowed(await visits.Posted(context));
        if (visit.FaultOf("username", "code", "new_password") is { } fault) return Page(visit, fault);
        if (!await throttle.TakeTry(visit.Pool, visit.Username!)) return Page(visit, LoginErrors.Of(Refusal.CodeAttemptsExceeded, null));
        try
        {
            await forgotten.Finish(visit.Pool, visit.Client, visit.Username!, visit.Code!, visit.Field("new_password")!, null, visit.Cancel);
            return visits.Next(visit, "/login", new(visit.Pool.Id, visit.Client.Id, visit.Username!));
        }
        catch (RefusedException refused)
        {
            return Page(visit, ConfirmEndpoint.OfCode(refused));
        }
    }

    static IResult Page(Visit visit, Fault? fault = null)
    {
        var username = visit.Username ?? visit.State?.Username;
        return visit.Show(ResetPasswordPage.Create(new(
            visit.ClientName, visit.Post("/confirmforgotPassword"), visit.UsernameLabel, visit.Rules, username, null, fault?.Problem,
            username is null ? null : visit.Post("/forgotPassword"))), fault);
    }
}
