using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>What AdminRespondToAuthChallenge takes.</summary>
public sealed record AdminRespondToAuthChallengeRequest([PoolId] string UserPoolId, ContextData? ContextData = null) : ChallengeCall;

/// <summary>Answers a challenge on behalf of a backend's user.</summary>
static class AdminRespondToAuthChallenge
{
    public static readonly Operation Operation = Operation.Of<AdminRespondToAuthChallengeRequest, AuthResponse, ChallengeAnswers>(
        nameof(AdminRespondToAuthChallenge), Access.Iam,
        () => AuthJson.Default.AdminRespondToAuthChallengeRequest, () => AuthJson.Default.AuthResponse, Handle);

    static async Task<AuthResponse> Handle(AdminRespondToAuthChallengeRequest request, CognitoCall call, ChallengeAnswers answers)
    {
        var called = await CalledClient.Of(call, request.UserPoolId, request.ClientId);
        return await answers.Take(called, request, ContextData.Address(request.ContextData), call.Cancel);
    }
}
