using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;

namespace Poolhouse.Server.SignIn;

/// <summary>A checked authorization request: its client exists, its redirect URI is registered, its scopes are granted.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Client">The client.</param>
/// <param name="ResponseType">"code" or "token".</param>
/// <param name="RedirectUri">Exactly as registered.</param>
/// <param name="State">Returned byte for byte, or null.</param>
/// <param name="Scopes">The granted scopes.</param>
/// <param name="Challenge">The S256 challenge, or null.</param>
/// <param name="Nonce">For the ID token, or null.</param>
/// <param name="Resource">RFC 8707, or null.</param>
/// <param name="Prompt">The values of <c>prompt</c>.</param>
/// <param name="LoginHint">Fills the user name in, or null.</param>
public sealed record AuthorizationRequest(
    UserPool Pool, AppClient Client, string ResponseType, string RedirectUri, string? State, string Scopes, string? Challenge, string? Nonce,
    string? Resource, IReadOnlyList<string> Prompt, string? LoginHint)
{
    /// <summary>Whether the answer goes into the fragment.</summary>
    public bool IsImplicit => ResponseType == "token";
}

/// <summary>
/// An authorization request that is refused at the client's own redirect URI (RFC 6749 §4.1.2.1): client and redirect URI are
/// known to be good.
/// </summary>
/// <param name="error">The error code.</param>
/// <param name="redirectUri">Registered with the client.</param>
/// <param name="state">As it came, or null.</param>
/// <param name="inFragment">Whether the answer goes into the fragment.</param>
/// <param name="description">What was wrong, or null.</param>
public sealed class AuthorizationRefusedException(string error, string redirectUri, string? state, bool inFragment, string? description = null)
    : Exception(description ?? error)
{
    /// <summary>Where the browser is sent.</summary>
    public string Location(string issuer) => AuthorizationReply.Url(
        redirectUri, inFragment, ("error", error), ("error_description", description), ("state", state), ("iss", issuer));

    /// <summary>The pool's issuer goes into the reply as well (RFC 9207).</summary>
    public required UserPool Pool { get; init; }
}

/// <summary>The reply of the authorization endpoint: parameters on the redirect URI.</summary>
public static class AuthorizationReply
{
    // A registered URI may hold letters of every script; a header may not.
    static string Ascii(string uri) => uri.All(char.IsAscii) ? uri
        : string.Concat(uri.EnumerateRunes().Select(rune => rune.IsAscii ? rune.ToString() : Uri.EscapeDataString(rune.ToString())));

    /// <summary>Appends parameters, absent ones left out, to the query or the fragment of a registered URI.</summary>
    public static string Url(string redirectUri, bool inFragment, params ReadOnlySpan<(string Name, string? Value)> parameters)
    {
        var url = new System.Text.StringBuilder(Ascii(redirectUri));
        var separator = inFragment ? '#' : redirectUri.Contains('?', StringComparison.Ordinal) ? '&' : '?';
        foreach (var (name, value) in parameters)
        {
            if (value is null) continue;
            url.Append(separator).Append(name).Append('=').Append(Uri.EscapeDataString(value));
            separator = '&';
        }
        return url.ToString();
    }
}
