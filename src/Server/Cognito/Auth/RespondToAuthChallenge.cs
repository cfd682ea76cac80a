using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>What RespondToAuthChallenge takes.</summary>
public sealed record RespondToAuthChallengeRequest([Sensitive] UserContextData? UserContextData = null) : ChallengeCall;

/// <summary>Answers the challenge that a sign-in was met with.</summary>
static class RespondToAuthChallenge
{
    public static readonly Operation Operation = Operation.Of<RespondToAuthChallengeRequest, AuthResponse, ChallengeAnswers>(
        nameof(RespondToAuthChallenge), Access.Unsigned,
        () => AuthJson.Default.RespondToAuthChallengeRequest, () => AuthJson.Default.AuthResponse, Handle);

    static async Task<AuthResponse> Handle(RespondToAuthChallengeRequest request, CognitoCall call, ChallengeAnswers answers)
    {
        var called = await CalledClient.Of(call, request.ClientId);
        return await answers.Take(called, request, UserContextData.Address(request.UserContextData, called.Client, call.Address), call.Cancel);
    }
}
