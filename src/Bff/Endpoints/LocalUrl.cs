namespace Poolhouse.Bff.Endpoints;

/// <summary>Where the browser may be sent: a path of this site and nowhere else (open redirects, OWASP ASVS 5.1.5).</summary>
static class LocalUrl
{
    const int Longest = 2000;

    /// <summary>
    /// Whether a text is a path of this site: a slash, then neither a slash nor a backslash, all of it printable ASCII. Browsers drop tabs and line breaks and read a
    /// backslash as a slash, so none may be anywhere.
    /// </summary>
    public static bool IsLocal(string? url) =>
        url is ['/', ..] && url.Length <= Longest && (url.Length == 1 || url[1] != '/') && !url.Any(character => character is <= ' ' or > '~' or '\\');
}
