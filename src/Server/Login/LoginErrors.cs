using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Login.Parts;
using static Poolhouse.Core.Refusal;

namespace Poolhouse.Server.Login;

/// <summary>What went wrong with a form.</summary>
/// <param name="Status">The status of the answer.</param>
/// <param name="Problem">What the page says of it.</param>
/// <param name="RetryAfter">After how many seconds it is worth another try, or null.</param>
/// <param name="EndsSignIn">Whether nothing is left to be tried but signing in from the start.</param>
sealed record Fault(int Status, Problem Problem, int? RetryAfter = null, bool EndsSignIn = false);

/// <summary>From a reason to a sentence for a person, and the fields that it is about: one arm for every refusal.</summary>
static class LoginErrors
{
    /// <summary>One text for wrong, expired, and of nobody: which of them it was would say who has an account.</summary>
    public const string WrongCode = "This code is not right, or it is no longer valid. Check it, or ask for a new one.";

    /// <summary>An authenticator app sends nothing anew; what goes wrong with it is its clock.</summary>
    public const string WrongAppCode = "This code is not right. Type the one that the app shows now, and check that the clock of its device is right.";

    /// <summary>A form that did not come from a page of ours. Its fresh copy works, so that nobody is locked out by an old tab.</summary>
    public static readonly Fault Forged = new(403, new("This page was open for too long, or the form came from somewhere else. Please try again."));

    public static Fault Of(RefusedException refused) => Of(refused.Reason, refused.Detail);

    /// <summary>The fault that a refusal is.</summary>
    public static Fault Of(Refusal reason, string? about) => reason switch
    {
        UserNotFound or WrongPassword => new(400, new("Incorrect username or password.", "username", "password")),
        LockedOut => new(429, new("There were too many attempts. Wait a moment, then try again.", "password", "code"), 2),
        Overloaded => new(503, new("Too many people are signing in right now. Wait a moment, then try again."), 2),
        UserDisabled => new(400, new("This account is disabled. Ask whoever runs this app.")),
        UserNotConfirmed => new(400, new("This account is not confirmed yet.", "username")),
        PasswordResetRequired => new(400, new("You must choose a new password before you can sign in.", "password")),
        TemporaryPasswordExpired => new(400, new("Your temporary password has expired. Ask whoever invited you for a new one.", "password")),
        SecondFactorImpossible => new(400, new("This app asks for a second factor, and none can be set up for your account. Ask whoever runs it.")),
        FactorNotOffered or DeviceNotFound or CustomAuthNotConfigured => new(400, new("This way to sign in is not open to your account. Choose another one.")),
        PasswordNotResettable => new(400, new("The password of this account cannot be reset here.", "username")),
        FlowNotEnabled or ClientNotFound or PoolNotFound or GroupNotFound => new(400, new("This app cannot sign anybody in here.")),
        SecretHashMissing or SecretHashWrong or ClientSecretWrong => new(400, new("This app is not set up correctly.")),
        _ => OfAccount(reason, about),
    };

    static Fault OfAccount(Refusal reason, string? about) => reason switch
    {
        SignUpNotPermitted => new(403, new("New accounts are made by an administrator.")),
        UsernameExists => new(400, new(
            about is null ? "This username is taken. Choose another one, or sign in." : $"An account with this {about} exists already.", "username")),
        AliasExists => new(400, new($"An account with this {about ?? "value"} exists already.", "attribute.email", "attribute.phone_number", "username")),
        UsernameFormat => new(400, new(about ?? "This cannot be a username.", "username")),
        PasswordPolicy => new(400, new($"{about ?? "This password does not meet the rules"}.", "password", "new_password")),
        PasswordUsedBefore => new(400, new("You have used this password before. Choose another one.", "password", "new_password")),
        AttributesInvalid => OfAttributes(about),
        AttributeRequired => new(400, new("Something that is required is missing.", $"attribute.{about}")),
        AttributeNotWritable or AttributeAlreadyGiven => new(400, new("This cannot be set here.", $"attribute.{about}")),
        UserAlreadyConfirmed or UserConfirmedStatus => new(400, new(WrongCode, "code")),
        _ => OfCode(reason, about),
    };

    static Fault OfCode(Refusal reason, string? about) => reason switch
    {
        CodeUsed => new(400, new("This code was used a moment ago. Wait for the next one.", "code")),
        SoftwareTokenMismatch or CodeMismatch when reason == SoftwareTokenMismatch || about == Factor.Totp => new(400, new(WrongAppCode, "code")),
        CodeMismatch or CodeExpired => new(400, new(WrongCode, "code")),
        CodeAttemptsExceeded => new(429, new("There were too many attempts with a code. Try again tomorrow.", "code")),
        CodeRequestsExceeded => new(429, new("Several codes were sent already. Look for the latest one, or try again in an hour.")),
        CodeUndeliverable => new(503, new("No code can be sent right now. Try again later.")),
        SoftwareTokenOff or SoftwareTokenMissing => new(400, new("No authenticator app is set up for this account.")),
        NoVerifiedChannel => new(400, new("There is no address to which a code could be sent.", "username")),
        ChallengeSpent => new(400, new("This was sent before, or there were too many tries. Please sign in again."), EndsSignIn: true),
        ChallengeInvalid or ChallengeExpired => new(400, new("This took too long. Please sign in again."), EndsSignIn: true),
        _ => OfToken(reason, about),
    };

    // None of these leads to a page today; a person is never shown a token's fate.
    static Fault OfToken(Refusal reason, string? about) => reason switch
    {
        RevocationDisabled or RefreshTokenInvalid or RefreshTokenExpired or RefreshTokenRevoked or RefreshTokenReused or TokenKindUnsupported
            or AccessTokenInvalid or AccessTokenExpired or AccessTokenRevoked or AccessTokenScope =>
            new(400, new("This sign-in is no longer valid. Please sign in again.")),
        AttributeUnreadable => new(400, new("This app asks for something that it may not read.")),
        _ => OfTrigger(reason, about),
    };

    // What a function says, it says to the person; why it could not be asked concerns whoever runs it.
    static Fault OfTrigger(Refusal reason, string? about) => reason switch
    {
        TriggerRefused => new(400, new(about ?? "This was refused.")),
        TriggerUnexpected or TriggerInvalid => new(503, new("Something that this app depends on did not answer. Try again in a moment."), 2),
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "This refusal has no arm."),
    };

    // The lines of AttributeRules: "email: Invalid email address format."
    static Fault OfAttributes(string? about)
    {
        var lines = (about ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(": ", 2)).Where(parts => parts.Length == 2).ToList();
        if (lines.Count == 0) return new(400, new("Something that you gave is not valid."));
        var sentences = lines.Select(parts => $"{AttributeField.For(parts[0], required: true).Label}: {parts[1].Trim().TrimEnd('.')}.");
        return new(400, new(string.Join(' ', sentences), [.. lines.Select(parts => "attribute." + parts[0])]));
    }
}
