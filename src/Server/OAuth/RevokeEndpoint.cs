using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.OAuth;

/// <summary>
/// POST /oauth2/revoke (RFC 7009). The reply comes after the revocation is durable; it is empty and has no content type,
/// since oidc-client-ts refuses text/plain.
/// </summary>
static class RevokeEndpoint
{
    public static async Task<IResult> Handle(HttpContext context, ClientAuthentication clients, EndSessions end, CancellationToken cancel)
    {
        var form = await OAuthForm.Read(context.Request, cancel);
        try
        {
            var (_, client) = await clients.Authenticate(context.Request, form, cancel);
            await end.Revoke(client, form.Required("token"), cancel);
        }
        // Here, and only here, Cognito answers 401.
        catch (OAuthException refused) when (refused.Error == "invalid_client")
        {
            throw new OAuthException("invalid_client", null, 401);
        }
        catch (Core.RefusedException refused) when (refused.Reason == Core.Refusal.ClientSecretWrong)
        {
            throw new OAuthException("invalid_client", null, 401);
        }
        context.Response.ContentLength = 0;
        return TypedResults.Ok();
    }
}
