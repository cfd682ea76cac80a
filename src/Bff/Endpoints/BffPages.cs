using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Http;

namespace Poolhouse.Bff.Endpoints;

/// <summary>The few small pages that a person may see on the way. No script, no style, nothing from elsewhere.</summary>
static class BffPages
{
    /// <summary>
    /// Goes on to a path of ours by a navigation that this page begins. A redirect would not do: after one the browser still counts the navigation as begun by the
    /// provider's site, and the first page would be asked for without the Strict cookie that was set a moment ago.
    /// </summary>
    public static Task GoOn(HttpResponse response, string url)
    {
        var safe = HtmlEncoder.Default.Encode(url);
        return Write(response, 200, "Signing in", $"<meta http-equiv=\"refresh\" content=\"0;url={safe}\">", $"<p><a href=\"{safe}\">Continue</a></p>");
    }

    public static Task Problem(HttpResponse response, int status, string heading, string text, string back) =>
        Write(response, status, heading, "", $"<h1>{HtmlEncoder.Default.Encode(heading)}</h1><p>{HtmlEncoder.Default.Encode(text)}</p><p><a href=\"{HtmlEncoder.Default.Encode(back)}\">Back to the app</a></p>");

    /// <summary>Asks for a click, where nothing proves that the request came from a page of ours.</summary>
    public static Task ConfirmSignOut(HttpResponse response, string action) =>
        Write(response, 200, "Sign out", "", $"<h1>Sign out?</h1><form method=\"post\" action=\"{HtmlEncoder.Default.Encode(action)}\"><button>Sign out</button></form>", "");

    static Task Write(HttpResponse response, int status, string title, string head, string body, string policy = "; form-action 'none'")
    {
        Harden(response);
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.Headers.ContentSecurityPolicy = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'" + policy;
        response.Headers.XFrameOptions = "DENY";
        return response.WriteAsync($"<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title>{head}</head><body>{body}</body></html>");
    }

    /// <summary>Headers of everything that lies under the Bff's path.</summary>
    public static void Harden(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers.XContentTypeOptions = "nosniff";
    }
}
