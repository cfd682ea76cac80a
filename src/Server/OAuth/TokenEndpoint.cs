using Poolhouse.Core;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.OAuth;

/// <summary>The reply of the token endpoint. It never shows the scope, as Cognito's does not.</summary>
public sealed record TokenResponse(string? IdToken, string AccessToken, string? RefreshToken, long ExpiresIn, string TokenType)
{
    /// <summary>What a grant yielded, as the wire shows it.</summary>
    public static TokenResponse From(TokenSet tokens) => new(tokens.IdToken, tokens.AccessToken, tokens.RefreshToken, tokens.ExpiresIn, "Bearer");
}

/// <summary>POST /oauth2/token (RFC 6749 §3.2).</summary>
sealed class TokenEndpoint(ClientAuthentication clients, CodeGrant code, RefreshSession refresh, MachineGrant machine, Audit audit)
{
    public async Task<IResult> Handle(HttpRequest request, CancellationToken cancel)
    {
        var form = await OAuthForm.Read(request, cancel);
        var grant = form.Required("grant_type");
        ProvenClient? proven = null;
        try
        {
            var (pool, client) = proven = await clients.Authenticate(request, form, cancel);
            var tokens = grant switch
            {
                "authorization_code" => await code.Redeem(pool, client, form, cancel),
                "refresh_token" => await refresh.Redeem(pool, client, form.Required("refresh_token"), cancel),
                "client_credentials" => await machine.Issue(pool, client, form, cancel),
                _ => throw new OAuthException("unsupported_grant_type"),
            };
            return new OAuthReply<TokenResponse>(TokenResponse.From(tokens), OAuthJson.Default.TokenResponse);
        }
        catch (Exception refused) when (Reason(refused, grant) is { } reason)
        {
            audit.TokenRefused(Known(grant), reason, proven?.Client);
            throw;
        }
    }

    static string? Reason(Exception refused, string grant) => refused switch
    {
        OAuthException oauth => oauth.Error,
        // RefreshSession has told of its own, with the session.
        RefusedException other when grant != "refresh_token" => other.Reason.ToString(),
        _ => null,
    };

    // What a caller makes up is no label of a metric.
    static string Known(string grant) => grant is "authorization_code" or "refresh_token" or "client_credentials" ? grant : "other";
}
