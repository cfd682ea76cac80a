using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login;

/// <summary>
/// Where every step of a sign-in leads at the pages: to the page that asks for what is missing, or, with everything proven,
/// back to the app.
/// </summary>
sealed class Arrival(Visits visits, BrowserSessions browsers, IssueCode issue, PageStates states)
{
    static readonly Dictionary<string, string> Pages = new(StringComparer.Ordinal)
    {
        [NewPasswordStep.Name] = "/newPassword",
        [Factor.Sms] = "/mfa", [Factor.Email] = "/mfa", [Factor.Totp] = "/mfa", ["SMS_OTP"] = "/mfa",
        [SecondFactors.Select] = "/mfaOption",
        [SecondFactors.Setup] = "/mfaSetup",
        [ChoiceSignIn.Select] = "/factor", [ChoiceSignIn.Password] = "/factor",
    };

    public async Task<IResult> Go(Visit visit, SignInStep step)
    {
        if (step is SignInStep.Proven proven) return await SignedIn(visit, proven.User);
        var asked = (SignInStep.Asked)step;
        return visits.Next(visit, Pages[asked.Challenge], new(visit.Pool.Id, visit.Client.Id, visit.Username ?? visit.State?.Username ?? "", asked.Session)
        {
            Challenge = asked.Challenge,
            Medium = asked.Parameters.GetValueOrDefault("CODE_DELIVERY_DELIVERY_MEDIUM"),
            Destination = asked.Parameters.GetValueOrDefault("CODE_DELIVERY_DESTINATION"),
        });
    }

    async Task<IResult> SignedIn(Visit visit, User user)
    {
        var authTime = await browsers.Start(visit.Context, user);
        var location = await issue.Answer(visit.Request, user, authTime, visit.Cancel);
        states.Forget(visit.Context);
        return visit.SeeOther(location);
    }
}
