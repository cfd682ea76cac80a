using Microsoft.AspNetCore.Http;

namespace Poolhouse.Bff.Endpoints;

/// <summary>The cookies of the Bff. The session's holds a random handle and nothing else (RFC 10017 §6.1.3.2).</summary>
sealed class BffCookies(CheckedBffOptions options)
{
    static readonly TimeSpan ReturnAge = TimeSpan.FromMinutes(10);

    /// <summary>
    /// What names begin with. <c>__Host-Http-</c> keeps scripts of the page and sibling subdomains from setting the cookie; a browser that does not know it yet sees
    /// <c>__Host-</c> in it, which it does know. Both need https: on a loopback address in development there is no prefix.
    /// </summary>
    public static string Prefix(CheckedBffOptions options) => options.IsPlain ? "bff-dev-" : "__Host-Http-bff-";

    /// <summary>The name of the session's cookie.</summary>
    public string Session { get; } = options.IsPlain ? "bff-dev" : "__Host-Http-bff";

    string Return => Prefix(options) + "return";

    /// <summary>
    /// The handle that the browser sent; null for none, or for two of which one was planted. Read letter by letter and not from the framework's collection, which takes
    /// names of any case for one: a browser that guards prefixes in this spelling alone would let a sibling subdomain set the same name in another.
    /// </summary>
    public string? Handle(HttpRequest request)
    {
        var found = new List<string>();
        foreach (var line in request.Headers.Cookie)
            foreach (var pair in (line ?? "").Split(';'))
                if (pair.Trim(' ', '\t') is var cookie && cookie.StartsWith(Session + "=", StringComparison.Ordinal)) found.Add(cookie[(Session.Length + 1)..]);
        return found is [var only] ? only : null;
    }

    public void Set(HttpResponse response, string handle) => response.Cookies.Append(Session, handle, Options(SameSiteMode.Strict, options.Given.PersistCookie ? options.Given.EndsAfter : null));

    public void Clear(HttpResponse response) => response.Cookies.Delete(Session, Options(SameSiteMode.Strict, null));

    /// <summary>Keeps where to go after the provider has signed out. Lax, since the browser comes from there; it holds a path of ours and nothing else.</summary>
    public void SetReturn(HttpResponse response, string url) => response.Cookies.Append(Return, Uri.EscapeDataString(url), Options(SameSiteMode.Lax, ReturnAge));

    public string? TakeReturn(HttpContext context)
    {
        if (context.Request.Cookies[Return] is not { } kept) return null;
        context.Response.Cookies.Delete(Return, Options(SameSiteMode.Lax, null));
        return Uri.UnescapeDataString(kept);
    }

    CookieOptions Options(SameSiteMode sameSite, TimeSpan? age) => new() { Path = "/", HttpOnly = true, Secure = !options.IsPlain, SameSite = sameSite, MaxAge = age, IsEssential = true };
}
