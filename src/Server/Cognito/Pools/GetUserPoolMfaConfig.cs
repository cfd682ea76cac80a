using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What GetUserPoolMfaConfig takes.</summary>
public sealed record GetUserPoolMfaConfigRequest([PoolId] string UserPoolId);

/// <summary>Shows which second factors a pool knows and whether they are a must.</summary>
static class GetUserPoolMfaConfig
{
    public static readonly Operation Operation = Operation.Of(nameof(GetUserPoolMfaConfig), Access.Iam,
        () => PoolsJson.Default.GetUserPoolMfaConfigRequest, () => PoolsJson.Default.MfaConfig, Handle);

    static async Task<MfaConfig> Handle(GetUserPoolMfaConfigRequest request, CognitoCall call) => MfaConfig.Of(await call.Pool(request.UserPoolId));
}
