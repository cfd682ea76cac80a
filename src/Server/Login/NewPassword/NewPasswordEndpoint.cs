using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Login.Parts;
using Poolhouse.Server.Login.SignIn;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login.NewPassword;

/// <summary>/newPassword: after a temporary password. The challenge is in the form, so that two tabs do not disturb each other.</summary>
static class NewPasswordEndpoint
{
    public static async Task<IResult> Show(HttpContext context, Visits visits, Challenges challenges)
    {
        var visit = await visits.Open(context);
        return visit.State?.Session is { } session ? await Page(visit, challenges, session) : visit.SeeOther(visit.To("/login"));
    }

    public static async Task<IResult> Submit(HttpContext context, Visits visits, Challenges challenges, NewPasswordStep step, Arrival arrival)
    {
        var visit = await visits.Posted(context);
        if (visit.Forged is { } forged) return SignInEndpoint.Page(visit, forged);
        var session = visit.Field("session");
        if (visit.FaultOf("new_password") is { } fault) return await Page(visit, challenges, session, fault);
        try
        {
            // The user is whom the challenge names, whatever the form says.
            var user = await Who(visit, challenges, session);
            var attributes = visit.Attributes(NewPasswordStep.Missing(visit.Pool, user));
            var answer = new NewPasswordAnswer(session, null, visit.Field("new_password")!, attributes);
            return await arrival.Go(visit, await step.Answer(visit.Attempt, answer, visit.Cancel));
        }
        catch (RefusedException refused)
        {
            return await Page(visit, challenges, session, LoginErrors.Of(refused));
        }
    }

    static async Task<IResult> Page(Visit visit, Challenges challenges, string? session, Fault? fault = null)
    {
        User user;
        try
        {
            user = await Who(visit, challenges, session);
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

    static async Task<User> Who(Visit visit, Challenges challenges, string? session) =>
        (await challenges.Open(visit.Attempt, session, null, [NewPasswordStep.Name], visit.Cancel)).User ?? throw new RefusedException(Refusal.ChallengeInvalid);
}
