namespace Poolhouse.Server.SignIn;

/// <summary>How sign-in defends itself.</summary>
/// <param name="PreventUserExistenceErrors">Whether clients that do not say (unset) hide if a user exists. Cognito's API default is false (LEGACY).</param>
/// <param name="RequirePkce">Whether public clients must send a PKCE challenge at /oauth2/authorize.</param>
/// <param name="FailuresPerAddress">Wrong passwords from one address (IPv4, or IPv6 /64) within 15 minutes, past which that address is refused.</param>
/// <param name="FailuresPerPassword">Wrong tries of one and the same password in a pool within an hour, past which it is not evaluated: password spraying.</param>
/// <param name="FailuresPerPool">Wrong passwords in a pool within a minute, past which the pool refuses password sign-ins for the rest of it.</param>
public sealed record SignInOptions(
    bool PreventUserExistenceErrors = false,
    bool RequirePkce = true,
    int FailuresPerAddress = 300,
    int FailuresPerPassword = 50,
    int FailuresPerPool = 6000);
