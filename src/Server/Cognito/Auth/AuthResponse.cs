using Poolhouse.Core.Sessions;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>The tokens of a sign-in or a refresh.</summary>
public sealed record AuthenticationResult(string AccessToken, long ExpiresIn, string TokenType, string? RefreshToken, string? IdToken)
{
    public static AuthenticationResult Of(TokenSet tokens) => new(tokens.AccessToken, tokens.ExpiresIn, "Bearer", tokens.RefreshToken, tokens.IdToken);
}

/// <summary>What a step of a sign-in gives: tokens, or a challenge with its Session.</summary>
public sealed record AuthResponse(
    string? ChallengeName, string? Session, IReadOnlyDictionary<string, string> ChallengeParameters, AuthenticationResult? AuthenticationResult)
{
    static readonly Dictionary<string, string> None = [];

    /// <summary>The end of a sign-in; the parameters are there, and empty.</summary>
    public static AuthResponse Of(TokenSet tokens) => new(null, null, None, Auth.AuthenticationResult.Of(tokens));
}
