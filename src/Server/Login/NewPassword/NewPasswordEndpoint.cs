using Poolhouse.Core;
using Poolhouse.Server.Login.Parts;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login.NewPassword;

/// <summary>/newPassword: after a temporary password.</summary>
static class NewPasswordEndpoint
{
    public static async Task<IResult> Show(HttpContext context, Visits visits, Asking asking) => await Page(await visits.Open(context), asking);

    public static async Task<IResult> Submit(HttpContext context, Visits visits, Asking asking, NewPasswordStep step, Arrival arrival)
    {
        var visit = await visits.Posted(context);
        if (visit.FaultOf("new_password") is { } fault) return await Page(visit, asking, fault);
        try
        {
            // The user is whom the challenge names, whatever the form says.
            var challenge = await asking.Open(visit, NewPasswordStep.Name);
            var attributes = visit.Attributes(NewPasswordStep.Missing(visit.Pool, challenge.User!));
            var answer = new NewPasswordAnswer(challenge.Handle, null, visit.Field("new_password")!, attributes);
            return await arrival.Go(visit, await step.Answer(visit.Attempt, answer, visit.Cancel));
        }
        catch (RefusedException refused)
        {
            return await Page(visit, asking, LoginErrors.Of(refused));
        }
    }

    static Task<IResult> Page(Visit visit, Asking asking, Fault? fault = null) => asking.Page(visit, fault, challenge =>
        Task.FromResult<RazorSlices.RazorSlice>(NewPasswordPage.Create(new(
            visit.ClientName, visit.Post("/newPassword", challenge.Handle), visit.UsernameLabel, visit.Rules,
            [.. NewPasswordStep.Missing(visit.Pool, challenge.User!).Select(name => AttributeField.For(name, true, visit.Attribute(name), fault?.Problem))],
            visit.NameOf(challenge.User!), fault?.Problem))), NewPasswordStep.Name);
}
