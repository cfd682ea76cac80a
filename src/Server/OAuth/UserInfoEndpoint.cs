using Poolhouse.Core;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.OAuth;

/// <summary>GET /oauth2/userInfo: the attributes that the token's scopes show, every value a string, as Cognito has them.</summary>
static class UserInfoEndpoint
{
    const string BadRequest = "Bad OAuth2 request at UserInfo Endpoint";
    const string BadToken = "Access token is expired, disabled, or deleted, or the user has globally signed out.";

    public static async Task<IResult> Handle(HttpContext context, AccessTokenCheck check, CancellationToken cancel)
    {
        if (context.Request.Headers.Authorization is not [{ } header] || !header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
            return Challenge(context, 400, "invalid_request", BadRequest);
        try
        {
            var token = await check.Check(header["Bearer ".Length..].Trim(), "access", cancel);
            if (!token.Has("openid") || token.User is null || token.Session is null)
                return Challenge(context, 401, "invalid_token", "Access token does not contain openid scope");
            return new OAuthReply<Dictionary<string, string>>(Claims(token.User, token), OAuthJson.Default.DictionaryStringString);
        }
        catch (RefusedException)
        {
            return Challenge(context, 401, "invalid_token", BadToken);
        }
    }

    static Dictionary<string, string> Claims(Core.Users.User user, CheckedToken token)
    {
        var claims = new Dictionary<string, string>(StringComparer.Ordinal) { ["sub"] = user.Sub };
        foreach (var (name, value) in ReadableAttributes.Of(user, token.Client, token.Session!)) claims[name] = value;
        claims["username"] = user.Username;
        return claims;
    }

    static IResult Challenge(HttpContext context, int status, string error, string description)
    {
        context.Response.Headers.WWWAuthenticate = $"Bearer error=\"{error}\", error_description=\"{description}\"";
        return new OAuthReply<ErrorResponse>(new(error, description), OAuthJson.Default.ErrorResponse, status);
    }
}
