using System.Net;
using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>The answers to challenges, for RespondToAuthChallenge and AdminRespondToAuthChallenge alike: one arm for each challenge.</summary>
public sealed class ChallengeAnswers(PasswordAnswers passwords, CodeAnswers codes, MfaChoice mfa, ChoiceSignIn choice, CustomSignIn custom, SignInResult result)
{
    /// <summary>Takes an answer.</summary>
    public async Task<AuthResponse> Take(CalledClient called, ChallengeCall call, IPAddress? address, CancellationToken cancel)
    {
        var answer = new AuthParameters(call.ChallengeResponses, "challengeResponses");
        var attempt = new SignInAttempt(called.Pool, called.Client, address, Metadata: call.ClientMetadata);
        var (name, username) = (call.ChallengeName, answer.Username);
        ClientProof.CheckSecretHash(called.Client, answer.SecretHash, await passwords.HashedNames(attempt, username, cancel));
        var session = call.Session;
        // SECRET_BLOCK carries the state of these two: clients may leave the Session out.
        if (session is null && name is not (SrpOffers.PasswordChallenge or DeviceSignIn.Proof)) throw AuthParameters.Missing("Session");
        return await result.Of(attempt, name switch
        {
            SrpOffers.PasswordChallenge => await passwords.Srp(attempt, username, answer, cancel),
            NewPasswordStep.Name => await passwords.New(attempt, session, username, answer, cancel),
            DeviceSignIn.Start or DeviceSignIn.Proof => await passwords.Device(attempt, name, session, username, answer, cancel),
            Factor.Sms => await codes.Take(attempt, name, session, username, answer.Required("SMS_MFA_CODE"), cancel),
            "SMS_OTP" => await codes.Take(attempt, name, session, username, answer.Required("SMS_OTP_CODE"), cancel),
            Factor.Email => await codes.Take(attempt, name, session, username, answer["EMAIL_OTP_CODE"] ?? answer["EMAIL_MFA_CODE"] ?? throw AuthParameters.Missing("EMAIL_OTP_CODE"), cancel),
            Factor.Totp => await codes.Take(attempt, name, session, username, answer.Required("SOFTWARE_TOKEN_MFA_CODE"), cancel),
            SecondFactors.Select => await mfa.Select(attempt, session, username, answer.Required("ANSWER"), cancel),
            SecondFactors.Setup => await mfa.Finish(attempt, session, username, answer["EMAIL"] ?? answer["email"], cancel),
            ChoiceSignIn.Select => await choice.Answer(attempt, name, session, username, new(answer.Required("ANSWER"), answer["PASSWORD"], answer.SrpA), cancel),
            ChoiceSignIn.Password => await choice.Answer(attempt, name, session, username, new(name, answer.Required("PASSWORD")), cancel),
            ChoiceSignIn.PasswordSrp => await choice.Answer(attempt, name, session, username, new(name, null, answer.SrpA ?? throw AuthParameters.Missing("SRP_A")), cancel),
            CustomSignIn.Name => await custom.Answer(attempt, session, username, answer.Required("ANSWER"), cancel),
            _ => throw CognitoException.InvalidParameter($"The challenge {name} is not one that this server gives."),
        }, cancel);
    }
}

/// <summary>The answers that prove a password, or set one.</summary>
public sealed class PasswordAnswers(SrpSignIn srp, NewPasswordStep newPassword, DeviceSignIn device, Accounts accounts)
{
    /// <summary>The names that a client may have hashed: what was typed, and what the challenge calls the user.</summary>
    public async Task<string[]> HashedNames(SignInAttempt attempt, string username, CancellationToken cancel) =>
        attempt.Client.IsConfidential && await accounts.Find(attempt.Pool, username, cancel) is { } user ? [username, user.Username, user.Sub] : [username];

    /// <summary>PASSWORD_VERIFIER.</summary>
    public Task<SignInStep> Srp(SignInAttempt attempt, string username, AuthParameters answer, CancellationToken cancel) =>
        srp.Answer(attempt, username, Claim(answer), answer["DEVICE_KEY"], cancel);

    /// <summary>NEW_PASSWORD_REQUIRED.</summary>
    public Task<SignInStep> New(SignInAttempt attempt, string? session, string username, AuthParameters answer, CancellationToken cancel) =>
        newPassword.Answer(attempt, new(session, username, answer.NewPassword("NEW_PASSWORD"), answer.Attributes), cancel);

    /// <summary>DEVICE_SRP_AUTH and DEVICE_PASSWORD_VERIFIER.</summary>
    public Task<SignInStep> Device(SignInAttempt attempt, string name, string? session, string username, AuthParameters answer, CancellationToken cancel) =>
        name == DeviceSignIn.Start
            ? device.Begin(attempt, session, username, answer.Required("DEVICE_KEY"), answer.SrpA ?? throw AuthParameters.Missing("SRP_A"), cancel)
            : device.Answer(attempt, username, answer.Required("DEVICE_KEY"), Claim(answer), cancel);

    static SrpClaim Claim(AuthParameters answer) => new(
        Bytes(answer, "PASSWORD_CLAIM_SECRET_BLOCK"), answer.Required("TIMESTAMP"), Bytes(answer, "PASSWORD_CLAIM_SIGNATURE"));

    // What is no base64 proves nothing, and is no other fault than a wrong proof.
    static byte[] Bytes(AuthParameters answer, string name)
    {
        var text = answer.Required(name).Replace('-', '+').Replace('_', '/');
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var length) ? bytes[..length] : throw new RefusedException(Refusal.WrongPassword);
    }
}
