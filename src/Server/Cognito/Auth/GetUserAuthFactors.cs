using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>What GetUserAuthFactors takes.</summary>
public sealed record GetUserAuthFactorsRequest([TokenText] string AccessToken);

/// <summary>Shows the caller's factors.</summary>
static class GetUserAuthFactors
{
    public static readonly Operation Operation = Operation.Of<GetUserAuthFactorsRequest, AuthFactorsResponse, AccessTokenCheck, FactorStore>(
        nameof(GetUserAuthFactors), Access.AccessToken,
        () => AuthJson.Default.GetUserAuthFactorsRequest, () => AuthJson.Default.AuthFactorsResponse, Handle);

    static async Task<AuthFactorsResponse> Handle(GetUserAuthFactorsRequest request, CognitoCall call, AccessTokenCheck check, FactorStore factors)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        return await AuthFactorsResponse.Of(token.Pool, token.User!, factors, call.Cancel);
    }
}
