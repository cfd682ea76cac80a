using System.Numerics;
using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;

namespace Poolhouse.Server.SignIn;

/// <summary>USER_AUTH: the user chooses the first factor out of those that the pool allows and the account has.</summary>
public sealed class ChoiceSignIn(
    Challenges challenges, SignInStart start, FirstFactorChoice choice, PasswordSignIn passwords, SrpOffers offers, SignInCodes codes, NextStep next)
{
    /// <summary>The challenge in which the first factor is chosen.</summary>
    public const string Select = "SELECT_CHALLENGE";

    /// <summary>The factors that are a password, with and without its travelling.</summary>
    public const string Password = "PASSWORD", PasswordSrp = "PASSWORD_SRP";

    /// <summary>What a sign-up leaves that is not confirmed yet: its holder is who has signed up.</summary>
    public const string SigningUp = "SIGN_UP";

    /// <summary>What a confirmed sign-up leaves: its holder has just proven an address and needs no other first factor.</summary>
    public const string SignedUp = "SIGNED_UP";

    /// <summary>Begins: with the factor that is preferred, if it is one of those offered; else with the choice.</summary>
    public async Task<SignInStep> Begin(SignInAttempt attempt, string username, FirstFactor preferred, string? deviceKey, CancellationToken cancel)
    {
        var user = await start.Find(attempt, username, cancel);
        var progress = new Progress(username) { DeviceKey = deviceKey };
        var offered = await choice.Of(attempt.Pool, user, username, cancel);
        if (preferred.Name is { } name && offered.Contains(name)) return await Go(attempt, user, progress, preferred, cancel);
        return await challenges.Give(attempt, user, Select, progress with { Choices = offered }, []) is SignInStep.Asked asked ? asked with { Available = offered } : throw new InvalidOperationException();
    }

    /// <summary>Goes on from what a confirmed sign-up has left.</summary>
    public async Task<SignInStep> GoOn(SignInAttempt attempt, string username, string session, string? deviceKey, CancellationToken cancel)
    {
        var challenge = await challenges.Open(attempt, session, username, [SignedUp], cancel);
        await start.Ask(attempt, challenge.User, username, cancel);
        await challenges.Spend(challenge);
        return await next.AfterFirstFactor(attempt, challenge.User!, challenge.Progress with { DeviceKey = deviceKey }, cancel);
    }

    /// <summary>Takes the choice, and the factor itself if it came along; or the password that was asked for.</summary>
    public async Task<SignInStep> Answer(SignInAttempt attempt, string name, string? session, string? username, FirstFactor factor, CancellationToken cancel)
    {
        var challenge = await challenges.Open(attempt, session, username, [name], cancel);
        // Who has chosen already, and is asked for the password, has no other choice.
        var offered = name == Select ? challenge.Progress.Choices : [name];
        if (offered?.Contains(factor.Name ?? "") != true) throw new RefusedException(Refusal.FactorNotOffered, factor.Name);
        await challenges.Spend(challenge);
        return await Go(attempt, challenge.User, challenge.Progress, factor, cancel);
    }

    async Task<SignInStep> Go(SignInAttempt attempt, User? user, Progress progress, FirstFactor factor, CancellationToken cancel) => factor switch
    {
        { Name: Password, Password: { } password } => await passwords.Prove(attempt, user, password, progress.Onward(), cancel),
        { Name: PasswordSrp, A: { } a } => await offers.Password(attempt, user, a, progress, cancel),
        { Name: Password or PasswordSrp } => await challenges.Give(attempt, user, factor.Name, progress.Onward(), []),
        { Name: "EMAIL_OTP" or "SMS_OTP" } => await codes.Send(attempt, user, factor.Name, progress, first: true, cancel),
        _ => throw new RefusedException(Refusal.FactorNotOffered, factor.Name),
    };
}

/// <summary>A first factor as an app names it, with what came along.</summary>
/// <param name="Name">PASSWORD, PASSWORD_SRP, EMAIL_OTP, SMS_OTP, WEB_AUTHN; or null.</param>
/// <param name="Password">The password, if it came along.</param>
/// <param name="A">The client's public SRP value, if it came along.</param>
public sealed record FirstFactor(string? Name, string? Password = null, BigInteger? A = null);
