using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;

namespace Poolhouse.Server.Outbound.Triggers;

/// <summary>A challenge that was given and how it was answered, as the next functions see it.</summary>
public sealed record ChallengeRound(string ChallengeName, bool ChallengeResult, string? ChallengeMetadata);

/// <summary>What comes next in a sign-in of custom challenges: failing goes before tokens, and tokens before another challenge.</summary>
public sealed record DefinedChallenge(string? ChallengeName, bool IssueTokens, bool FailAuthentication);

/// <summary>A custom challenge: what the client sees, what only the verifying function sees, and what the session remembers.</summary>
public sealed record CreatedChallenge(IReadOnlyDictionary<string, string> PublicParameters, IReadOnlyDictionary<string, string> PrivateParameters, string? Metadata);

/// <summary>What a function says of a sign-up.</summary>
public sealed record PreSignUpAnswer(bool AutoConfirm, bool AutoVerifyEmail, bool AutoVerifyPhone)
{
    /// <summary>Of a pool without the trigger.</summary>
    public static readonly PreSignUpAnswer Unchanged = new(false, false, false);
}

/// <summary>A user whom another system has.</summary>
/// <param name="Attributes">The attributes; <c>username</c> among them where the typed name is not the user's own.</param>
/// <param name="Confirmed">Whether the password was right and stays the user's; else it must be reset.</param>
/// <param name="ForceAliases">Whether addresses that somebody else has proven move to this user.</param>
/// <param name="EnableSmsMfa">Whether the user is to be asked for a code by SMS.</param>
public sealed record MigratedUser(IReadOnlyDictionary<string, string> Attributes, bool Confirmed, bool ForceAliases, bool EnableSmsMfa);

/// <summary>
/// The triggers of a pool, one method each. Without the trigger a method returns at once. They are other people's servers: never call one
/// inside a transaction. Each throws if its function refuses or gives no answer.
/// </summary>
public sealed class PoolTriggers(TriggerInvoker invoker)
{
    static readonly IReadOnlyDictionary<string, string> Empty = new Dictionary<string, string>();

    /// <summary>Before somebody signs up, or an administrator makes a user; the flags of the latter are ignored by the caller.</summary>
    public async Task<PreSignUpAnswer> PreSignUp(TriggerSubject subject, bool byAdmin, IReadOnlyDictionary<string, string>? validationData,
        IReadOnlyDictionary<string, string>? metadata, CancellationToken cancel)
    {
        if (Config(subject.Pool)?.PreSignUp is not { } arn) return PreSignUpAnswer.Unchanged;
        var flags = await invoker.Ask(new("PreSignUp", byAdmin ? "PreSignUp_AdminCreateUser" : "PreSignUp_SignUp", arn), subject,
            new PreSignUpRequest(subject.UserAttributes, validationData, metadata), new PreSignUpFlags(false, false, false), cancel);
        return new(flags.AutoConfirmUser == true, flags.AutoVerifyEmail == true, flags.AutoVerifyPhone == true);
    }

    /// <summary>After a user was confirmed, or has reset the password. It has happened: a caller who hangs up does not undo it, nor keep it from the function.</summary>
    public async Task PostConfirmation(TriggerSubject subject, bool ofForgottenPassword, IReadOnlyDictionary<string, string>? metadata)
    {
        if (Config(subject.Pool)?.PostConfirmation is not { } arn) return;
        await invoker.Ask(new("PostConfirmation", ofForgottenPassword ? "PostConfirmation_ConfirmForgotPassword" : "PostConfirmation_ConfirmSignUp", arn), subject,
            new PostConfirmationRequest(subject.UserAttributes, metadata), new NoAnswer(), CancellationToken.None);
    }

    /// <summary>Before the first factor is looked at.</summary>
    public async Task PreAuthentication(TriggerSubject subject, IReadOnlyDictionary<string, string>? validationData, bool userNotFound, CancellationToken cancel)
    {
        if (Config(subject.Pool)?.PreAuthentication is not { } arn) return;
        await invoker.Ask(new("PreAuthentication", "PreAuthentication_Authentication", arn), subject,
            new PreAuthenticationRequest(subject.UserAttributes, validationData, userNotFound), new NoAnswer(), cancel);
    }

    /// <summary>After the last factor, before tokens.</summary>
    public async Task PostAuthentication(TriggerSubject subject, bool newDeviceUsed, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancel)
    {
        if (Config(subject.Pool)?.PostAuthentication is not { } arn) return;
        await invoker.Ask(new("PostAuthentication", "PostAuthentication_Authentication", arn), subject,
            new PostAuthenticationRequest(subject.UserAttributes, newDeviceUsed, metadata), new NoAnswer(), cancel);
    }

    /// <summary>Whether the pool has all three functions of custom challenges.</summary>
    public static bool HasCustomAuth(UserPool pool) =>
        Config(pool) is { DefineAuthChallenge: not null, CreateAuthChallenge: not null, VerifyAuthChallengeResponse: not null };

    /// <summary>What comes next, given what has been answered so far.</summary>
    public async Task<DefinedChallenge> DefineAuthChallenge(TriggerSubject subject, IReadOnlyList<ChallengeRound> rounds,
        IReadOnlyDictionary<string, string>? metadata, bool userNotFound, CancellationToken cancel)
    {
        var call = new TriggerCall("DefineAuthChallenge", "DefineAuthChallenge_Authentication", Function(Config(subject.Pool)?.DefineAuthChallenge));
        var answer = await invoker.Ask(call, subject, new DefineRequest(subject.UserAttributes, rounds, metadata, userNotFound), new DefineAnswer(null, null, null), cancel);
        return new(answer.ChallengeName, answer.IssueTokens == true, answer.FailAuthentication == true);
    }

    /// <summary>Makes a custom challenge.</summary>
    public async Task<CreatedChallenge> CreateAuthChallenge(TriggerSubject subject, string challengeName, IReadOnlyList<ChallengeRound> rounds,
        IReadOnlyDictionary<string, string>? metadata, bool userNotFound, CancellationToken cancel)
    {
        var call = new TriggerCall("CreateAuthChallenge", "CreateAuthChallenge_Authentication", Function(Config(subject.Pool)?.CreateAuthChallenge));
        var answer = await invoker.Ask(call, subject,
            new CreateRequest(subject.UserAttributes, challengeName, rounds, metadata, userNotFound), new CreateAnswer(null, null, null), cancel);
        return new(Texts(answer.PublicChallengeParameters), Texts(answer.PrivateChallengeParameters), answer.ChallengeMetadata);
    }

    /// <summary>Whether an answer to a custom challenge is right.</summary>
    public async Task<bool> VerifyAuthChallenge(TriggerSubject subject, IReadOnlyDictionary<string, string> privateParameters, string answer,
        IReadOnlyDictionary<string, string>? metadata, bool userNotFound, CancellationToken cancel)
    {
        var call = new TriggerCall("VerifyAuthChallengeResponse", "VerifyAuthChallengeResponse_Authentication", Function(Config(subject.Pool)?.VerifyAuthChallengeResponse));
        var verified = await invoker.Ask(call, subject,
            new VerifyRequest(subject.UserAttributes, privateParameters, answer, metadata, userNotFound), new VerifyAnswer(null), cancel);
        return verified.AnswerCorrect == true;
    }

    /// <summary>Asks for a user whom the pool does not have; null if nobody else has them either.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="client">The app client.</param>
    /// <param name="username">The name as it was typed.</param>
    /// <param name="password">The password that was given, or null for one that was forgotten.</param>
    /// <param name="validationData">The ClientMetadata of InitiateAuth, or null.</param>
    /// <param name="metadata">The ClientMetadata of ForgotPassword, or null.</param>
    /// <param name="cancel">Ends the call early.</param>
    public async Task<MigratedUser?> MigrateUser(UserPool pool, AppClient client, string username, string? password,
        IReadOnlyDictionary<string, string>? validationData, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancel)
    {
        if (Config(pool)?.UserMigration is not { } arn) return null;
        var call = new TriggerCall("UserMigration", password is null ? "UserMigration_ForgotPassword" : "UserMigration_Authentication", arn);
        var answer = await invoker.Ask(call, TriggerSubject.Nobody(pool, client.Id, username),
            new MigrationRequest(password, validationData, metadata), new MigrationAnswer(null, null, null, null, null, null), cancel);
        var attributes = Texts(answer.UserAttributes);
        return attributes.Count == 0 ? null : new(attributes, answer.FinalUserStatus == "CONFIRMED", answer.ForceAliasCreation == true, answer.EnableSmsMfa == true);
    }

    /// <summary>Before tokens are minted: what they shall say that they would not, or null for nothing.</summary>
    /// <param name="subject">The user, or the machine.</param>
    /// <param name="source">What the tokens are for.</param>
    /// <param name="groups">The groups that they would carry; null for a machine.</param>
    /// <param name="scopes">The scopes that the access token would carry.</param>
    /// <param name="metadata">The caller's ClientMetadata, or null.</param>
    /// <param name="cancel">Ends the call early.</param>
    public async Task<TokenOverrides?> PreTokenGeneration(TriggerSubject subject, TokenSource source, GroupClaims? groups, string scopes,
        IReadOnlyDictionary<string, string>? metadata, CancellationToken cancel)
    {
        if (TokenFunction(subject.Pool) is not var (arn, version) || (source == TokenSource.ClientCredentials && version != "3")) return null;
        var call = new TriggerCall("PreTokenGeneration", $"TokenGeneration_{source}", arn, version);
        var configuration = groups is null ? null : GroupConfiguration.Of(groups);
        if (version == "1")
            return (await invoker.Ask(call, subject, new TokenRequestV1(subject.UserAttributes, configuration, metadata), new TokenAnswerV1(null), cancel)).ToOverrides();
        var request = new TokenRequestV2(subject.UserAttributes, scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries), configuration, metadata);
        return (await invoker.Ask(call, subject, request, new TokenAnswerV2(null), cancel)).ToOverrides();
    }

    /// <summary>Whether the pool has a function that changes tokens.</summary>
    public static bool ChangesTokens(UserPool pool) => TokenFunction(pool) is not null;

    /// <summary>The text of a message: the function's, or the usual one where it has none that could be used.</summary>
    public async Task<MessageText> CustomMessage(Addressee to, MessageText usual, CancellationToken cancel)
    {
        if (Config(to.Pool)?.CustomMessage is not { } arn) return usual;
        var (call, subject) = (new TriggerCall("CustomMessage", $"CustomMessage_{to.Kind}", arn), TriggerSubject.Of(to.Pool, to.ClientId, to.User));
        var request = new CustomMessageRequest(subject.UserAttributes, MessageText.CodePlace, MessageText.LinkPlace,
            to.Kind == MessageKind.AdminCreateUser ? MessageText.NamePlace : null, to.Metadata);
        var answer = await invoker.Ask(call, subject, request, new CustomMessageAnswer(null, null, null), cancel);
        if (answer.Text(to.Kind, to.To.Medium, usual) is { } text) return text;
        invoker.TextUnusable(call, subject);
        return usual;
    }

    static LambdaConfig? Config(UserPool pool) => pool.Settings.LambdaConfig;

    static (string Arn, string Version)? TokenFunction(UserPool pool) => Config(pool) switch
    {
        { PreTokenGenerationConfig: { } configured } => (configured.LambdaArn, configured.LambdaVersion[1..2]),
        { PreTokenGeneration: { } arn } => (arn, "1"),
        _ => null,
    };

    static string Function(string? arn) => arn ?? throw new RefusedException(Refusal.TriggerInvalid, "Custom auth lambda trigger is not configured for the user pool.");

    static IReadOnlyDictionary<string, string> Texts(IReadOnlyDictionary<string, string?>? given) => given is null ? Empty
        : given.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.Ordinal);
}
