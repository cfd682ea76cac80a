namespace Poolhouse.Server.Cognito.Clients;

/// <summary>Which URLs a client may register: nothing that a browser would run, and nothing that a fragment could hide in.</summary>
static class RedirectUris
{
    static readonly string[] Loopback = ["localhost", "127.0.0.1", "[::1]"];

    /// <summary>Schemes that run in the page or read the disk.</summary>
    static readonly string[] Dangerous = ["javascript", "data", "vbscript", "file", "blob", "about", "view-source", "filesystem"];

    /// <summary>https anywhere, http on the own machine, or an app's own scheme; absolute, without a fragment.</summary>
    /// <param name="member">The member, as the message names it.</param>
    /// <param name="urls">The URLs.</param>
    /// <param name="plainHosts">Further hosts that may be named with http: those of a dev server in a container.</param>
    public static void Check(string member, IEnumerable<string>? urls, IReadOnlyCollection<string> plainHosts)
    {
        foreach (var url in urls ?? [])
            if (!IsAllowed(url, plainHosts)) throw CognitoException.InvalidParameter($"{url} is not a valid value for {member}: it must be an absolute https URL, " +
                "http for localhost only, or an app's own scheme, and have no fragment.");
    }

    static bool IsAllowed(string url, IReadOnlyCollection<string> plainHosts)
    {
        // A backslash or a control character is read in one way by this parser and in another by browsers.
        if (url.Contains('#') || url.Contains('\\') || url.Any(char.IsControl)) return false;
        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || !url.Contains(':')) return false;
        if (!url.StartsWith(uri.Scheme + ":", StringComparison.OrdinalIgnoreCase)) return false;
        return uri.Scheme switch
        {
            "https" => url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) && uri.Host.Length > 0 && uri.UserInfo.Length == 0,
            "http" => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) && uri.UserInfo.Length == 0
                && (Loopback.Contains(uri.Host, StringComparer.OrdinalIgnoreCase) || plainHosts.Contains(uri.Host, StringComparer.OrdinalIgnoreCase)),
            var scheme => !Dangerous.Contains(scheme, StringComparer.OrdinalIgnoreCase),
        };
    }
}
