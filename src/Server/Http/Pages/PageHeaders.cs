namespace Poolhouse.Server.Http.Pages;

/// <summary>The headers of every hosted page: no scripts, no frames, no caching, no trace of the query in a referrer.</summary>
static class PageHeaders
{
    /// <param name="response">Not started yet.</param>
    /// <param name="returnUri">
    /// The registered URI to which a form of this page may lead in the end. Chromium applies form-action to the redirect
    /// after a POST too, so that with 'self' alone nobody would ever come back from the sign-in page.
    /// </param>
    public static void Apply(HttpResponse response, string? returnUri = null)
    {
        var headers = response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'" + Source(returnUri) + "; frame-ancestors 'none'; base-uri 'none'";
        headers.XFrameOptions = "DENY";
        headers.XContentTypeOptions = "nosniff";
        // A form sent from such a page carries "Origin: null", of its own site too; Sec-Fetch-Site still says which it is.
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }

    // Only what Uri has parsed goes into the header, and never a character that could end the directive.
    static string Source(string? returnUri)
    {
        if (!Uri.TryCreate(returnUri, UriKind.Absolute, out var uri)) return "";
        if (uri.Scheme is not ("http" or "https")) return $" {uri.Scheme}:";
        return uri.HostNameType switch
        {
            UriHostNameType.Dns or UriHostNameType.IPv4 => uri.IsDefaultPort ? $" {uri.Scheme}://{uri.IdnHost}" : $" {uri.Scheme}://{uri.IdnHost}:{uri.Port}",
            UriHostNameType.IPv6 => $" {uri.Scheme}:", // CSP's grammar has no brackets
            _ => "",
        };
    }
}
