namespace Poolhouse.Server.OAuth;

/// <summary>An error of the OAuth endpoints in its wire form (RFC 6749 §5.2).</summary>
/// <param name="error">The error code.</param>
/// <param name="description">For a person who reads the reply; never a secret, or null.</param>
/// <param name="status">The status code; 400 unless the contract says otherwise.</param>
public sealed class OAuthException(string error, string? description = null, int status = 400) : Exception(description ?? error)
{
    /// <summary>The error code.</summary>
    public string Error { get; } = error;

    /// <summary>The description, or null.</summary>
    public string? Description { get; } = description;

    /// <summary>The status code.</summary>
    public int Status { get; } = status;

    public static OAuthException InvalidRequest(string? description = null) => new("invalid_request", description);

    public static OAuthException InvalidClient() => new("invalid_client");

    public static OAuthException InvalidGrant(string? description = null) => new("invalid_grant", description);

    public static OAuthException UnauthorizedClient(string? description = null) => new("unauthorized_client", description);
}
