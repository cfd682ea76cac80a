using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>The answers to challenges, for RespondToAuthChallenge and AdminRespondToAuthChallenge alike.</summary>
public sealed class ChallengeAnswers(NewPasswordStep newPassword, StartSession sessions)
{
    /// <summary>Takes an answer.</summary>
    public Task<AuthResponse> Take(CalledClient called, ChallengeCall call, CancellationToken cancel)
    {
        var responses = new AuthParameters(call.ChallengeResponses, "challengeResponses");
        return call.ChallengeName == NewPasswordStep.Name
            ? NewPassword(called, call, responses, cancel)
            : throw CognitoException.InvalidParameter($"The challenge {call.ChallengeName} is not built yet.");
    }

    async Task<AuthResponse> NewPassword(CalledClient called, ChallengeCall call, AuthParameters responses, CancellationToken cancel)
    {
        var (pool, client) = called;
        if (call.Session is not { } session) throw AuthParameters.Missing("Session");
        var (username, password) = (responses.Username, responses.NewPassword("NEW_PASSWORD"));
        var user = await newPassword.Who(pool, client, session, cancel);
        // Clients hash the name that the challenge gave them, or the one that was typed.
        ClientProof.CheckSecretHash(client, responses.SecretHash, username, user.Username);
        var changed = await newPassword.Answer(pool, client, new(session, username, password, responses.Attributes), cancel);
        return AuthResponse.Of(await sessions.Start(pool, client, changed, TokenSource.NewPasswordChallenge, call.ClientMetadata, cancel));
    }
}
