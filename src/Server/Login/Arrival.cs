using Poolhouse.Core.Users;
using Poolhouse.Server.Http;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login;

/// <summary>
/// Where every step of a sign-in leads at the pages: to the page that asks for what is missing, or, with everything proven,
/// back to the app.
/// </summary>
sealed class Arrival(Visits visits, BrowserSessions browsers, IssueCode issue, PageStates states, MfaChoice choice)
{
    static readonly Dictionary<string, string> Pages = new(StringComparer.Ordinal)
    {
        [NewPasswordStep.Name] = "/newPassword",
        [Factor.Sms] = "/mfa", [Factor.Email] = "/mfa", [Factor.Totp] = "/mfa", ["SMS_OTP"] = "/mfa",
        [SecondFactors.Select] = "/mfaOption",
        [SecondFactors.Setup] = "/mfaSetup",
        [ChoiceSignIn.Select] = "/factor", [ChoiceSignIn.Password] = "/factor",
    };

    /// <summary>The page that takes the answer to a challenge; some are asked of apps only.</summary>
    public static string PageOf(string challenge) => Pages.GetValueOrDefault(challenge)
        ?? throw new PageException(400, "This cannot be done here", "Signing in takes a step that only the app itself can show. Go back to the app, and tell whoever runs it.");

    public async Task<IResult> Go(Visit visit, SignInStep step)
    {
        if (step is SignInStep.Proven proven) return await SignedIn(visit, proven.User);
        var asked = (SignInStep.Asked)step;
        var page = PageOf(asked.Challenge);
        // The secret of an authenticator app is made on the way to its page, which shows the same however often it is loaded.
        var session = asked.Challenge == SecondFactors.Setup && visit.Pool.AllowsFactor(Factor.Totp)
            ? (await choice.Associate(visit.Attempt, asked.Session, visit.Cancel)).Session : asked.Session;
        return visits.Next(visit, page, new(visit.Pool.Id, visit.Client.Id, visit.Username ?? visit.State?.Username ?? "", session));
    }

    async Task<IResult> SignedIn(Visit visit, User user)
    {
        var authTime = await browsers.Start(visit.Context, user);
        var location = await issue.Answer(visit.Request, user, authTime, visit.Cancel);
        states.Forget(visit.Context);
        return visit.SeeOther(location);
    }
}
