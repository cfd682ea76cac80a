using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Poolhouse.Server.Http;
using Poolhouse.Server.Http.Pages;
using Xunit;

namespace Poolhouse.Server.Tests.Pages;

public class AssetTests
{
    [Fact]
    public async Task An_asset_asked_for_by_its_hash_is_kept_for_ever()
    {
        await using var server = await Start();

        var reply = await server.Get(Assets.Url("pages.css"));

        Assert.Equal((HttpStatusCode.OK, "text/css"), (reply.StatusCode, reply.Content.Headers.ContentType!.MediaType));
        Assert.Equal("public, max-age=31536000, immutable", reply.Headers.CacheControl!.ToString());
        Assert.Equal("nosniff", Assert.Single(reply.Headers.GetValues("X-Content-Type-Options")));
    }

    [Theory]
    [InlineData("/assets/pages.css")]
    [InlineData("/assets/pages.css?v=0000000000000000")]
    [InlineData("/assets/client/index.js")]
    public async Task Under_another_hash_it_is_asked_for_again_next_time(string url)
    {
        await using var server = await Start();

        var reply = await server.Get(url);

        Assert.Equal((HttpStatusCode.OK, "no-cache"), (reply.StatusCode, reply.Headers.CacheControl!.ToString()));
        Assert.Equal(HttpStatusCode.NotModified, (await server.Get(url, reply.Headers.ETag)).StatusCode);
    }

    [Theory]
    [InlineData("/assets/")]
    [InlineData("/assets/index.js")]
    [InlineData("/assets/client/nothing.js")]
    [InlineData("/assets/Program.cs")]
    [InlineData("/assets/..%2fpages.css")]
    [InlineData("/assets/PAGES.CSS")]
    public async Task Nothing_else_is_served(string url)
    {
        await using var server = await Start();

        Assert.Equal(HttpStatusCode.NotFound, (await server.Get(url)).StatusCode);
    }

    [Fact]
    public async Task The_style_sheet_names_its_pictures_by_their_hash()
    {
        await using var server = await Start();

        var css = await (await server.Get(Assets.Url("pages.css"))).Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        var picture = await server.Get("/assets/" + Regex.Match(css, "url\\(\"([^\"]+)\"\\)").Groups[1].Value);
        Assert.Contains("immutable", picture.Headers.CacheControl!.ToString(), StringComparison.Ordinal);
        Assert.Equal("image/svg+xml", picture.Content.Headers.ContentType!.MediaType);
    }

    [Theory]
    [InlineData(null, "form-action 'self';")]
    [InlineData("https://app.example/callback?x=1", "form-action 'self' https://app.example;")]
    [InlineData("http://localhost:5173", "form-action 'self' http://localhost:5173;")]
    [InlineData("myapp://signed-in", "form-action 'self' myapp:;")]
    [InlineData("https://app.example; script-src *", "form-action 'self';")]
    [InlineData("https://app.example;script-src/", "form-action 'self';")]
    [InlineData("http://[::1]:3000/cb", "form-action 'self' http:;")]
    [InlineData("not a uri", "form-action 'self';")]
    public void A_form_may_lead_back_to_the_app_and_nowhere_else(string? returnUri, string expected)
    {
        var context = new DefaultHttpContext();

        PageHeaders.Apply(context.Response, returnUri);

        var policy = context.Response.Headers.ContentSecurityPolicy.ToString();
        Assert.Contains(expected, policy, StringComparison.Ordinal);
        Assert.DoesNotContain("script-src", policy, StringComparison.Ordinal);
    }

    static async Task<AssetServer> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        Assets.Map(app);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new AssetServer(app);
    }

    /// <summary>A real port that serves nothing but assets.</summary>
    sealed class AssetServer(WebApplication app) : IAsyncDisposable
    {
        readonly HttpClient http = new() { BaseAddress = new Uri(app.Urls.First()) };

        public Task<HttpResponseMessage> Get(string url, EntityTagHeaderValue? known = null)
        {
            var request = new HttpRequestMessage(HttpMethod.Get, url);
            if (known is not null) request.Headers.IfNoneMatch.Add(known);
            return http.SendAsync(request, TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            http.Dispose();
            await app.DisposeAsync();
        }
    }
}
