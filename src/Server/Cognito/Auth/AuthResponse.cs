using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>The tokens of a sign-in or a refresh.</summary>
public sealed record AuthenticationResult(
    string AccessToken, long ExpiresIn, string TokenType, string? RefreshToken, string? IdToken, NewDeviceMetadata? NewDeviceMetadata = null)
{
    public static AuthenticationResult Of(TokenSet tokens) => new(tokens.AccessToken, tokens.ExpiresIn, "Bearer", tokens.RefreshToken, tokens.IdToken);
}

/// <summary>A device that the pool has begun to track.</summary>
public sealed record NewDeviceMetadata(string DeviceKey, string DeviceGroupKey);

/// <summary>What a step of a sign-in gives: tokens, or a challenge with its Session.</summary>
public record AuthResponse(
    string? ChallengeName, string? Session, IReadOnlyDictionary<string, string> ChallengeParameters, AuthenticationResult? AuthenticationResult)
{
    static readonly Dictionary<string, string> None = [];

    /// <summary>A step on the way.</summary>
    public static InitiateAuthResponse Of(SignInStep.Asked asked) => new(asked.Challenge, asked.Session, asked.Parameters, null, asked.Available);

    /// <summary>The end of a sign-in, with the device that it was the first from.</summary>
    public static InitiateAuthResponse Of(SignedIn signedIn) => new(null, null, None, Auth.AuthenticationResult.Of(signedIn.Tokens) with
    {
        NewDeviceMetadata = signedIn.NewDevice is { } device ? new(device.Key, device.GroupKey) : null,
    });

    /// <summary>The end of a refresh; the parameters are there, and empty.</summary>
    public static InitiateAuthResponse Of(TokenSet tokens) => new(null, null, None, Auth.AuthenticationResult.Of(tokens));
}

/// <summary>What the beginning of a sign-in gives: the same, and the first factors to choose from where there is a choice.</summary>
public sealed record InitiateAuthResponse(
    string? ChallengeName, string? Session, IReadOnlyDictionary<string, string> ChallengeParameters, AuthenticationResult? AuthenticationResult,
    IReadOnlyList<string>? AvailableChallenges = null) : AuthResponse(ChallengeName, Session, ChallengeParameters, AuthenticationResult);
