using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>What GetTokensFromRefreshToken takes: the client's secret itself, not a hash.</summary>
public sealed record GetTokensFromRefreshTokenRequest(
    [TokenText] string RefreshToken,
    [ClientId] string ClientId,
    [ClientSecret] string? ClientSecret = null,
    [DeviceKey] string? DeviceKey = null,
    [Text(On = Part.Each), Text(On = Part.Keys)] IReadOnlyDictionary<string, string>? ClientMetadata = null);

/// <summary>What GetTokensFromRefreshToken gives; a refresh token only where the client rotates them.</summary>
public sealed record GetTokensFromRefreshTokenResponse(AuthenticationResult AuthenticationResult);

/// <summary>The refresh that knows rotation; open to every client that holds a session of its own.</summary>
static class GetTokensFromRefreshToken
{
    public static readonly Operation Operation = Operation.Of<GetTokensFromRefreshTokenRequest, GetTokensFromRefreshTokenResponse, RefreshSession>(
        nameof(GetTokensFromRefreshToken), Access.Unsigned,
        () => AuthJson.Default.GetTokensFromRefreshTokenRequest, () => AuthJson.Default.GetTokensFromRefreshTokenResponse, Handle);

    static async Task<GetTokensFromRefreshTokenResponse> Handle(GetTokensFromRefreshTokenRequest request, CognitoCall call, RefreshSession refresh)
    {
        var (pool, client) = await call.Client(request.ClientId);
        if (!ClientProof.IsProven(client, request.ClientSecret)) throw new RefusedException(Refusal.ClientSecretWrong, client.Id);
        return new(AuthenticationResult.Of(await refresh.Redeem(
            pool, client, new(request.RefreshToken, request.DeviceKey, request.ClientMetadata), _ => { }, call.Cancel)));
    }
}
