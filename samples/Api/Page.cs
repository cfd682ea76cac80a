using Microsoft.Extensions.FileProviders;

namespace Poolhouse.Samples.Api;

/// <summary>
/// Serves the page where no Bff does. A page that has tokens lives by its policy: nothing but its own files runs, no text becomes code, and it can talk to this API and
/// the pool alone.
/// </summary>
static class Page
{
    public static void Serve(WebApplication app, ApiSettings settings)
    {
        var pool = new Uri(settings.Issuer).GetLeftPart(UriPartial.Authority);
        var policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self' " + pool
            + "; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";
        app.Use((context, next) =>
        {
            var headers = context.Response.Headers;
            headers.ContentSecurityPolicy = policy;
            headers.XContentTypeOptions = "nosniff";
            headers["Referrer-Policy"] = "no-referrer";
            headers.CacheControl = context.Request.Path.StartsWithSegments("/api") ? "no-store" : "no-cache";
            return next(context);
        });

        var files = new PhysicalFileProvider(Path.GetFullPath(settings.Web!));
        // The file of this name says that there is a Bff. Here the page is told to hold the tokens itself.
        app.Map("/settings.json", told => told.Run(context =>
            context.Response.WriteAsJsonAsync(new { settings.Issuer, ClientId = settings.PageClientId, settings.SessionSeconds })));
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions { FileProvider = files });
    }
}
