using System.Numerics;
using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// CUSTOM_AUTH: the define trigger says after each answer what comes next, the create trigger asks, the verify trigger judges.
/// Whatever is not clearly a yes is a no, and nobody who does not exist gets a token, whatever a trigger says.
/// </summary>
public sealed class CustomSignIn(
    Challenges challenges, SignInStart start, SrpOffers offers, SecondFactors secondFactors, NextStep next, PoolTriggers triggers, Audit audit)
{
    /// <summary>The challenge that the create trigger fills.</summary>
    public const string Name = "CUSTOM_CHALLENGE";

    static readonly string[] BuiltIn = [Factor.Sms, Factor.Email, Factor.Totp];

    /// <summary>Begins; with the client's public value the password is proven by SRP as one of the rounds.</summary>
    public async Task<SignInStep> Begin(SignInAttempt attempt, string username, BigInteger? a, string? deviceKey, CancellationToken cancel)
    {
        if (!PoolTriggers.HasCustomAuth(attempt.Pool)) throw new RefusedException(Refusal.CustomAuthNotConfigured);
        var user = await start.Find(attempt, username, cancel);
        var progress = new Progress(username) { DeviceKey = deviceKey, SrpA = a is { } given ? Srp.Hex(given) : null, Rounds = [] };
        return await Continue(attempt, user, a is null ? progress : progress.With("SRP_A", result: true), cancel);
    }

    /// <summary>Takes the answer to a question of the create trigger. It is spent, right or wrong.</summary>
    public async Task<SignInStep> Answer(SignInAttempt attempt, string? session, string? username, string answer, CancellationToken cancel)
    {
        var challenge = await challenges.Open(attempt, session, username, [Name], cancel);
        await challenges.Spend(challenge);
        var (user, progress) = (challenge.User, challenge.Progress);
        var question = progress.Question ?? throw new RefusedException(Refusal.ChallengeInvalid);
        var right = await triggers.VerifyAuthChallenge(
            Subject(attempt, user, progress), question.PrivateParameters, answer, attempt.Metadata, userNotFound: user is null, cancel);
        return await Continue(attempt, user, progress.With(Name, right, question.Metadata), cancel);
    }

    /// <summary>Asks the define trigger what comes next.</summary>
    public async Task<SignInStep> Continue(SignInAttempt attempt, User? user, Progress progress, CancellationToken cancel)
    {
        var (subject, rounds) = (Subject(attempt, user, progress), progress.Rounds!);
        var defined = await triggers.DefineAuthChallenge(subject, rounds, attempt.Metadata, userNotFound: user is null, cancel);
        if (defined.FailAuthentication || (user is null && defined.IssueTokens)) throw Failed(attempt, user);
        if (defined.IssueTokens) return await Proven(attempt, user!, progress, cancel);
        return defined.ChallengeName switch
        {
            Name => await Ask(attempt, user, progress, subject, cancel),
            SrpOffers.PasswordChallenge when progress.SrpA is { } a && Srp.TryReadPublic(a, out var number) =>
                await offers.Password(attempt, user, number, progress, cancel),
            DeviceSignIn.Start when user is not null && progress.DeviceKey is not null => await challenges.Give(attempt, user, DeviceSignIn.Start, progress.Onward(), []),
            { } factor when BuiltIn.Contains(factor) => user is null || !CanAnswer(user, factor)
                ? throw Failed(attempt, user) : await secondFactors.Give(attempt, user, factor, progress, cancel),
            _ => throw new RefusedException(Refusal.TriggerInvalid, "DefineAuthChallenge"),
        };
    }

    async Task<SignInStep> Ask(SignInAttempt attempt, User? user, Progress progress, TriggerSubject subject, CancellationToken cancel)
    {
        var question = await triggers.CreateAuthChallenge(subject, Name, progress.Rounds!, attempt.Metadata, userNotFound: user is null, cancel);
        var parameters = new Dictionary<string, string>(question.PublicParameters, StringComparer.Ordinal) { ["USERNAME"] = challenges.NameOf(attempt.Pool, user, progress) };
        return await challenges.Give(attempt, user, Name, progress.Onward() with { Question = question }, parameters);
    }

    // A second factor that the pool demands, and that was not one of the rounds, is still to come.
    Task<SignInStep> Proven(SignInAttempt attempt, User user, Progress progress, CancellationToken cancel)
    {
        var shown = progress.SecondFactorShown || progress.Rounds!.Any(round => round.ChallengeResult && BuiltIn.Contains(round.ChallengeName));
        return next.AfterFirstFactor(attempt, user, progress.Onward() with { Rounds = null, SecondFactorShown = shown }, cancel);
    }

    static bool CanAnswer(User user, string factor) => Factor.Channel(factor) is not { } channel || !string.IsNullOrEmpty(user.Attribute(channel));

    RefusedException Failed(SignInAttempt attempt, User? user)
    {
        audit.SignInRefused(Refusal.WrongPassword, attempt.Pool.Id, attempt.Client.Id, user?.Sub);
        return new(Refusal.WrongPassword);
    }

    static TriggerSubject Subject(SignInAttempt attempt, User? user, Progress progress) => user is null
        ? TriggerSubject.Nobody(attempt.Pool, attempt.Client.Id, progress.Username)
        : TriggerSubject.Of(attempt.Pool, attempt.Client.Id, user);
}
