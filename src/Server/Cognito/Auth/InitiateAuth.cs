using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>What InitiateAuth takes.</summary>
public sealed record InitiateAuthRequest([Sensitive] UserContextData? UserContextData = null) : SignInCall;

/// <summary>Begins a sign-in, or refreshes one.</summary>
static class InitiateAuth
{
    public static readonly Operation Operation = Operation.Of<InitiateAuthRequest, InitiateAuthResponse, SignInFlows>(nameof(InitiateAuth), Access.Unsigned,
        () => AuthJson.Default.InitiateAuthRequest, () => AuthJson.Default.InitiateAuthResponse, Handle);

    static async Task<InitiateAuthResponse> Handle(InitiateAuthRequest request, CognitoCall call, SignInFlows flows)
    {
        var called = await CalledClient.Of(call, request.ClientId);
        if (request.AuthFlow.StartsWith("ADMIN_", StringComparison.Ordinal)) throw CognitoException.InvalidParameter("Initiate Auth method not supported");
        return await flows.Begin(called, request, UserContextData.Address(request.UserContextData, called.Client, call.Address), call.Cancel);
    }
}
