using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>What AdminInitiateAuth takes.</summary>
public sealed record AdminInitiateAuthRequest([PoolId] string UserPoolId, ContextData? ContextData = null) : SignInCall;

/// <summary>Begins a sign-in, or refreshes one, on behalf of a backend's user.</summary>
static class AdminInitiateAuth
{
    public static readonly Operation Operation = Operation.Of<AdminInitiateAuthRequest, InitiateAuthResponse, SignInFlows>(nameof(AdminInitiateAuth), Access.Iam,
        () => AuthJson.Default.AdminInitiateAuthRequest, () => AuthJson.Default.InitiateAuthResponse, Handle);

    static async Task<InitiateAuthResponse> Handle(AdminInitiateAuthRequest request, CognitoCall call, SignInFlows flows)
    {
        var called = await CalledClient.Of(call, request.UserPoolId, request.ClientId);
        return await flows.Begin(called, request, ContextData.Address(request.ContextData), call.Cancel);
    }
}
