using System.Buffers.Text;
using Poolhouse.Core;
using Poolhouse.Core.Keys;

namespace Poolhouse.Server.Http;

/// <summary>The cookies of the hosted pages. With https they are Secure and carry the __Host- prefix, so that no sibling domain can set them.</summary>
/// <param name="https">Whether browsers reach the server by TLS.</param>
/// <param name="master">Signs the CSRF cookie.</param>
public sealed class Cookies(bool https, MasterKey master)
{
    const string CsrfName = "XSRF-TOKEN";
    const string PageName = "page-data";

    /// <summary>The session cookie of a pool, or null.</summary>
    public string? Session(HttpRequest request, string poolId) => request.Cookies[SessionName(poolId)];

    /// <summary>Sets the session cookie of a pool.</summary>
    public void StartSession(HttpResponse response, string poolId, string value, TimeSpan lifetime) =>
        response.Cookies.Append(SessionName(poolId), value, Options(lifetime));

    /// <summary>Clears the session cookie of a pool.</summary>
    public void EndSession(HttpResponse response, string poolId) => response.Cookies.Delete(SessionName(poolId), Options(null));

    /// <summary>What the last page of this browser left for the next one, or null.</summary>
    public string? Page(HttpRequest request) => request.Cookies[Name(PageName)];

    /// <summary>Leaves something for the next page.</summary>
    public void KeepPage(HttpResponse response, string value, TimeSpan lifetime) => response.Cookies.Append(Name(PageName), value, Options(lifetime));

    /// <summary>Forgets what was left.</summary>
    public void ForgetPage(HttpResponse response) => response.Cookies.Delete(Name(PageName), Options(null));

    /// <summary>
    /// The CSRF token of this browser, which forms send back as <c>_csrf</c>: the cookie and the field must be equal, and the
    /// value must be one that we signed, so that a cookie planted by a sibling domain is worth nothing.
    /// </summary>
    public string CsrfToken(HttpContext context)
    {
        if (context.Request.Cookies[Name(CsrfName)] is { } present && IsOurs(present)) return present;
        var handle = Ids.Handle();
        var token = $"{handle}.{Sign(handle)}";
        context.Response.Cookies.Append(Name(CsrfName), token, Options(null));
        return token;
    }

    /// <summary>
    /// Whether a form comes from a page of ours. A page that sends no referrer posts "Origin: null", so Sec-Fetch-Site speaks
    /// first; either of the two that names another site is enough to refuse.
    /// </summary>
    public bool IsOwnForm(HttpRequest request, string? field, string ownOrigin)
    {
        if (request.Headers["Sec-Fetch-Site"] is [{ } site] && site is not ("same-origin" or "none")) return false;
        if (request.Headers.Origin is [{ } origin] && origin != "null" && origin != ownOrigin && origin != $"{request.Scheme}://{request.Host}") return false;
        return field is not null && request.Cookies[Name(CsrfName)] is { } cookie && new Secret(cookie).Matches(field) && IsOurs(cookie);
    }

    bool IsOurs(string token) => token.Split('.') is [var handle, var signature] && new Secret(Sign(handle)).Matches(signature);

    string Sign(string handle) => Base64Url.EncodeToString(master.Hash("csrf", handle));

    string SessionName(string poolId) => Name($"cognito-{poolId}");

    string Name(string name) => https ? $"__Host-{name}" : name;

    CookieOptions Options(TimeSpan? lifetime) => new()
        { HttpOnly = true, Secure = https, SameSite = SameSiteMode.Lax, Path = "/", MaxAge = lifetime };
}
