using Poolhouse.Core;
using Poolhouse.Server.Http;

namespace Poolhouse.Server.Login.Forgot;

/// <summary>/forgotPassword: whose password is lost. The next page says the same whether or not there is such a user.</summary>
static class ForgotPasswordEndpoint
{
    public static async Task<IResult> Show(HttpContext context, Visits visits) => Page(Allowed(await visits.Open(context)));

    public static async Task<IResult> Submit(HttpContext context, Visits visits, CodeSending sending)
    {
        var visit = Allowed(await visits.Posted(context));
        if (visit.FaultOf("username") is { } fault) return Page(visit, fault);
        try
        {
            await sending.Forgotten(visit, visit.Username!);
            return visits.Next(visit, "/confirmforgotPassword", new(visit.Pool.Id, visit.Client.Id, visit.Username!));
        }
        catch (RefusedException refused)
        {
            return Page(visit, LoginErrors.Of(refused));
        }
    }

    /// <summary>A visit to a pool whose users may recover their passwords themselves.</summary>
    public static Visit Allowed(Visit visit) =>
        visit.AllowsRecovery ? visit : throw new PageException(403, "Passwords are reset elsewhere", "Ask whoever runs this app to reset your password.");

    static IResult Page(Visit visit, Fault? fault = null) => visit.Show(ForgotPasswordPage.Create(new(
        visit.ClientName, visit.Post("/forgotPassword"), visit.UsernameLabel, visit.Form is null ? visit.State?.Username : visit.Username,
        fault?.Problem, visit.To("/login"))), fault);
}
