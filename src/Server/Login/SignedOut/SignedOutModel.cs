namespace Poolhouse.Server.Login.SignedOut;

/// <summary>The page after signing out; a null link is not shown.</summary>
public sealed record SignedOutModel(
    string? ClientName = null,
    string? SignInUrl = null);
