using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>What RevokeToken takes: the client's secret itself, not a hash.</summary>
public sealed record RevokeTokenRequest([TokenText] string Token, [ClientId] string ClientId, [ClientSecret] string? ClientSecret = null);

/// <summary>Revokes a refresh token and with it every token of its session; the reply comes after that is durable.</summary>
static class RevokeToken
{
    public static readonly Operation Operation = Operation.Of<RevokeTokenRequest, Nothing, EndSessions>(nameof(RevokeToken), Access.Unsigned,
        () => AuthJson.Default.RevokeTokenRequest, () => ProtocolJson.Default.Nothing, Handle)
        .Renaming("NotAuthorizedException", "UnauthorizedException").Renaming("ResourceNotFoundException", "UnauthorizedException");

    static async Task<Nothing> Handle(RevokeTokenRequest request, CognitoCall call, EndSessions end)
    {
        var (_, client) = await call.Client(request.ClientId);
        if (!ClientProof.IsProven(client, request.ClientSecret)) throw new RefusedException(Refusal.ClientSecretWrong, client.Id);
        await end.Revoke(client, request.Token, call.Cancel);
        return Nothing.Value;
    }
}
