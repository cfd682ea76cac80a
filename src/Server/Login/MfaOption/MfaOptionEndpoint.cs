using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Login.Mfa;
using Poolhouse.Server.Login.Parts;
using Poolhouse.Server.SignIn;
using RazorSlices;

namespace Poolhouse.Server.Login.MfaOption;

/// <summary>/mfaOption: which of several second factors it shall be.</summary>
static class MfaOptionEndpoint
{
    public static async Task<IResult> Show(HttpContext context, Visits visits, Asking asking, CodeSource source) =>
        await Page(await visits.Open(context), asking, source);

    public static async Task<IResult> Submit(HttpContext context, Visits visits, Asking asking, CodeSource source, MfaChoice choice, Arrival arrival)
    {
        var visit = await visits.Posted(context);
        if (visit.FaultOf() is { } fault) return await Page(visit, asking, source, fault);
        try
        {
            return await arrival.Go(visit, await choice.Select(visit.Attempt, visit.Session, null, visit.Field("factor") ?? "", visit.Cancel));
        }
        catch (RefusedException refused)
        {
            return await Page(visit, asking, source, LoginErrors.Of(refused));
        }
    }

    static Task<IResult> Page(Visit visit, Asking asking, CodeSource source, Fault? fault = null) => asking.Page(visit, fault, async challenge =>
    {
        var appName = await source.AppName(challenge, visit.Cancel);
        return (RazorSlice)MfaOptionPage.Create(new(
            visit.ClientName, visit.Post("/mfaOption", challenge.Handle),
            [.. challenge.Progress.Choices!.Select(factor => Choice.Of(factor, Hint(challenge.User!, factor) ?? appName))],
            fault?.Problem, visit.To("/login")));
    }, SecondFactors.Select);

    // The password is proven: a hint of the address helps its owner and tells nobody else.
    static string? Hint(User user, string factor) =>
        Factor.Channel(factor) is { } channel && user.Attribute(channel) is { } address ? new Destination(channel, address).Masked : null;
}
