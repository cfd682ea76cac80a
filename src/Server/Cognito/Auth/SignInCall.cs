using Poolhouse.Core.Clients;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>What both ways to begin a sign-in take. The Session is what a confirmed sign-up has left.</summary>
public abstract record SignInCall : CallMetadata
{
    [OneOf("USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "REFRESH_TOKEN", "CUSTOM_AUTH", "ADMIN_NO_SRP_AUTH", "USER_PASSWORD_AUTH", "ADMIN_USER_PASSWORD_AUTH", "USER_AUTH")]
    public string AuthFlow { get; init; } = null!;

    [ClientId]
    public string ClientId { get; init; } = null!;

    [Sensitive, Text(On = Part.Each), Text(On = Part.Keys)]
    public IReadOnlyDictionary<string, string>? AuthParameters { get; init; }

    [SessionText]
    public string? Session { get; init; }
}

/// <summary>What both ways to answer a challenge take.</summary>
public abstract record ChallengeCall : CallMetadata
{
    [OneOf("SMS_MFA", "EMAIL_OTP", "SOFTWARE_TOKEN_MFA", "SELECT_MFA_TYPE", "MFA_SETUP", "PASSWORD_VERIFIER", "CUSTOM_CHALLENGE", "SELECT_CHALLENGE",
        "DEVICE_SRP_AUTH", "DEVICE_PASSWORD_VERIFIER", "ADMIN_NO_SRP_AUTH", "NEW_PASSWORD_REQUIRED", "SMS_OTP", "PASSWORD", "WEB_AUTHN", "PASSWORD_SRP")]
    public string ChallengeName { get; init; } = null!;

    [ClientId]
    public string ClientId { get; init; } = null!;

    [Sensitive, Text(On = Part.Each), Text(On = Part.Keys)]
    public IReadOnlyDictionary<string, string>? ChallengeResponses { get; init; }

    [SessionText]
    public string? Session { get; init; }
}

/// <summary>The app client that a call is about, with its pool.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Client">The client.</param>
public sealed record CalledClient(UserPool Pool, AppClient Client)
{
    /// <summary>The client by its id alone.</summary>
    public static async Task<CalledClient> Of(CognitoCall call, string clientId)
    {
        var (pool, client) = await call.Client(clientId);
        return new(pool, client);
    }

    /// <summary>The client in a pool that the caller names: another pool's client does not exist there.</summary>
    public static async Task<CalledClient> Of(CognitoCall call, string poolId, string clientId)
    {
        var pool = await call.Pool(poolId);
        var client = await call.Clients.Find(clientId, call.Cancel);
        return client?.PoolId == pool.Id ? new(pool, client) : throw new Core.RefusedException(Core.Refusal.ClientNotFound, clientId);
    }
}
