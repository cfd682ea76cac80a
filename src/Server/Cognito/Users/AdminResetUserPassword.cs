using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>What AdminResetUserPassword takes.</summary>
public sealed record AdminResetUserPasswordRequest(
    [PoolId] string UserPoolId,
    [Username] string Username,
    [Text(On = Part.Keys), Text(On = Part.Each)] IReadOnlyDictionary<string, string>? ClientMetadata = null);

/// <summary>Takes a user's password away and sends the code with which the user sets another.</summary>
static class AdminResetUserPassword
{
    public static readonly Operation Operation = Operation.Of<AdminResetUserPasswordRequest, Nothing, Accounts, ForgottenPassword>(
        nameof(AdminResetUserPassword), Access.Iam,
        () => UsersJson.Default.AdminResetUserPasswordRequest, () => ProtocolJson.Default.Nothing, Handle)
        .Renaming("CodeDeliveryFailureException", "InvalidParameterException");

    static async Task<Nothing> Handle(AdminResetUserPasswordRequest request, CognitoCall call, Accounts accounts, ForgottenPassword forgotten)
    {
        var pool = await call.Pool(request.UserPoolId);
        await forgotten.Require(pool, await accounts.Get(pool, request.Username, call.Cancel), request.ClientMetadata, call.Cancel);
        return Nothing.Value;
    }
}
