using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What ForgotPassword takes.</summary>
public sealed record ForgotPasswordRequest : UserCall;

/// <summary>Sends a code with which a forgotten password can be replaced.</summary>
static class ForgotPassword
{
    public static readonly Operation Operation = Operation.Of<ForgotPasswordRequest, CodeSent, ForgottenPassword>(nameof(ForgotPassword), Access.Unsigned,
        () => AccountJson.Default.ForgotPasswordRequest, () => AccountJson.Default.CodeSent, Handle);

    static async Task<CodeSent> Handle(ForgotPasswordRequest request, CognitoCall call, ForgottenPassword forgotten)
    {
        var (pool, client) = await request.Proven(call);
        return new(CodeDeliveryDetails.Of(await forgotten.Start(pool, client, request.Username, request.ClientMetadata, call.Cancel)));
    }
}
