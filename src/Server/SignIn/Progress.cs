using System.Text.Json.Serialization;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;

namespace Poolhouse.Server.SignIn;

/// <summary>How far a sign-in has come. It travels, sealed, in the challenge from one step to the next.</summary>
/// <param name="Username">The user as named at the start; kept for those who do not exist.</param>
public sealed record Progress(string Username)
{
    /// <summary>Whether the password was given or proven by SRP: who proved a temporary one must choose another.</summary>
    public bool PasswordProven { get; init; }

    /// <summary>Whether a new password was chosen on the way, which the trigger before the tokens is told.</summary>
    public bool NewPasswordChosen { get; init; }

    /// <summary>Whether a second factor, or a remembered device in its place, was shown.</summary>
    public bool SecondFactorShown { get; init; }

    /// <summary>The device that the app says it is, or null.</summary>
    public string? DeviceKey { get; init; }

    /// <summary>Whether that device has proven it.</summary>
    public bool DeviceProven { get; init; }

    /// <summary>What was asked and answered so far in custom auth; null in every other flow.</summary>
    public IReadOnlyList<ChallengeRound>? Rounds { get; init; }

    /// <summary>The client's public value, where custom auth began with one.</summary>
    public string? SrpA { get; init; }

    /// <summary>Of this challenge: the exchange of PASSWORD_VERIFIER and DEVICE_PASSWORD_VERIFIER.</summary>
    public SrpExchange? Srp { get; init; }

    /// <summary>Of this challenge: the code that was sent.</summary>
    public ChallengeCode? Code { get; init; }

    /// <summary>Of this challenge: what may be chosen.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>Of MFA_SETUP: the secret that was handed to the authenticator app, or null.</summary>
    public byte[]? SoftwareToken { get; init; }

    /// <summary>Of MFA_SETUP: whether the app has shown a right code.</summary>
    public bool SoftwareTokenVerified { get; init; }

    /// <summary>Of CUSTOM_CHALLENGE: what the create trigger said.</summary>
    public CreatedChallenge? Question { get; init; }

    /// <summary>The same without what belongs to one challenge only.</summary>
    public Progress Onward() => this with { Srp = null, Code = null, Choices = null, SoftwareToken = null, SoftwareTokenVerified = false, Question = null };

    /// <summary>The same with one more answer of custom auth.</summary>
    public Progress With(string challenge, bool result, string? metadata = null) =>
        Onward() with { Rounds = [.. Rounds ?? [], new ChallengeRound(challenge, result, metadata)] };
}

/// <summary>A code that was sent for one challenge.</summary>
/// <param name="Code">The code; empty where it only seemed to be sent.</param>
/// <param name="Attribute">The attribute that a right one verifies.</param>
/// <param name="First">Whether it is the first factor, and not one after another.</param>
/// <param name="Address">The address that it went to if it is not the user's yet: a right code makes it so.</param>
public sealed record ChallengeCode(string Code, string Attribute, bool First, string? Address = null);

/// <summary>The JSON form in which progress is kept.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(Progress))]
[JsonSerializable(typeof(List<string>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
sealed partial class SignInJson : JsonSerializerContext;
