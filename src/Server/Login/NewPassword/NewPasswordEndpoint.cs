using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Login.Parts;
using Poolhouse.Server.Login.SignIn;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login.NewPassword;

/// <summary>/newPassword: after a temporary password. The challenge is in the form, so that two tabs do not disturb each other.</summary>
static class NewPasswordEndpoint
{
    public static async Task<IResult> Show(HttpContext context, Visits visits, NewPasswordStep step)
    {
        var visit = await visits.Open(context);
        return visit.State?.Session is { } session ? await Page(visit, step, session) : visit.SeeOther(visit.To("/login"));
    }

    public static async Task<IResult> Submit(HttpContext context, Visits visits, NewPasswordStep step, Arrival arrival)
    {
        var visit = await visits.Posted(context);
        if (visit.Forged is { } forged) return SignInEndpoint.Page(visit, forged);
        var session = visit.Field("session");
        if (visit.FaultOf("new_password") is { } fault) return await Page(visit, step, session, fault);
        try
        {
            // The user is whom the challenge names, whatever the form says.
            var user = await step.Who(visit.Pool, visit.Client, session, visit.Cancel);
            var attributes = visit.Attributes(NewPasswordStep.Missing(visit.Pool, user));
            var answer = new NewPasswordAnswer(session, user.Username, visit.Field("new_password")!, attributes);
            return await arrival.SignedIn(visit, await step.Answer(visit.Pool, visit.Client, answer, visit.Cancel));
        }
        catch (RefusedException refused)
        {
            return await Page(visit, step, session, LoginErrors.Of(refused));
        }
    }

    static async Task<IResult> Page(Visit visit, NewPasswordStep step, string? session, Fault? fault = null)
    {
        User user;
        try
        {
            user = await step.Who(visit.Pool, visit.Client, session, visit.Cancel);
        }
        catch (RefusedException refused)
        {
            return SignInEndpoint.Page(visit, LoginErrors.Of(refused));
        }
        var shown = visit.Pool.UsernameAttributes.Select(user.Attribute).FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? user.Username;
        return visit.Show(NewPasswordPage.Create(new(
            visit.ClientName, visit.Post("/newPassword", session), visit.UsernameLabel, visit.Rules,
            [.. NewPasswordStep.Missing(visit.Pool, user).Select(name => AttributeField.For(name, true, visit.Attribute(name), fault?.Problem))],
            shown, fault?.Problem)), fault);
    }
}
