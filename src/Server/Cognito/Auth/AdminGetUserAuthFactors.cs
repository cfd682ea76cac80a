using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>What AdminGetUserAuthFactors takes.</summary>
public sealed record AdminGetUserAuthFactorsRequest([PoolId] string UserPoolId, [Username] string Username);

/// <summary>Shows a user's factors.</summary>
static class AdminGetUserAuthFactors
{
    public static readonly Operation Operation = Operation.Of<AdminGetUserAuthFactorsRequest, AuthFactorsResponse, Accounts, FactorStore>(
        nameof(AdminGetUserAuthFactors), Access.Iam,
        () => AuthJson.Default.AdminGetUserAuthFactorsRequest, () => AuthJson.Default.AuthFactorsResponse, Handle);

    static async Task<AuthFactorsResponse> Handle(AdminGetUserAuthFactorsRequest request, CognitoCall call, Accounts accounts, FactorStore factors)
    {
        var pool = await call.Pool(request.UserPoolId);
        return await AuthFactorsResponse.Of(pool, await accounts.Get(pool, request.Username, call.Cancel), factors, call.Cancel);
    }
}
