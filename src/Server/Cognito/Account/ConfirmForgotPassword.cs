using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What ConfirmForgotPassword takes.</summary>
public sealed record ConfirmForgotPasswordRequest([ConfirmationCode] string ConfirmationCode, [Password] string Password) : UserCall;

/// <summary>Replaces a forgotten password against a code.</summary>
static class ConfirmForgotPassword
{
    public static readonly Operation Operation = Operation.Of<ConfirmForgotPasswordRequest, Nothing, ForgottenPassword>(
        nameof(ConfirmForgotPassword), Access.Unsigned,
        () => AccountJson.Default.ConfirmForgotPasswordRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(ConfirmForgotPasswordRequest request, CognitoCall call, ForgottenPassword forgotten)
    {
        var (pool, client) = await request.Proven(call);
        await forgotten.Finish(pool, client, request.Username, request.ConfirmationCode, request.Password, request.ClientMetadata, call.Cancel);
        return Nothing.Value;
    }
}
