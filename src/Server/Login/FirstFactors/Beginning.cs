using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login.FirstFactors;

/// <summary>The beginning of a sign-in by choice: the choice itself, or the only factor that there is.</summary>
sealed class Beginning(ChoiceSignIn choice)
{
    public async Task<SignInStep> Begin(Visit visit, string username)
    {
        // The pages never tell who exists, whatever the client does.
        var hiding = visit.Client with { Settings = visit.Client.Settings with { PreventUserExistenceErrors = "ENABLED" } };
        var attempt = visit.Attempt with { Client = hiding };
        var begun = (SignInStep.Asked)await choice.Begin(attempt, username, new(null), null, visit.Cancel);
        return ForPeople(begun.Available!) switch
        {
            [var only] => await choice.Answer(attempt, ChoiceSignIn.Select, begun.Session, null, new(only), visit.Cancel),
            _ => begun,
        };
    }

    /// <summary>Those of the factors offered that a page can ask for: whether a password travels is nothing that a person chooses.</summary>
    public static IReadOnlyList<string> ForPeople(IReadOnlyList<string> offered) =>
        [.. offered.Where(factor => factor is ChoiceSignIn.Password or "EMAIL_OTP" or "SMS_OTP")];
}
