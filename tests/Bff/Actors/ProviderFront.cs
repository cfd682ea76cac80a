using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;

namespace Poolhouse.Bff.Tests.Actors;

/// <summary>Stands before the provider's token endpoint. It can hold replies back: the provider has answered then, and who asked does not know.</summary>
sealed class ProviderFront : IAsyncDisposable
{
    readonly WebApplication app;
    readonly IdentityProvider provider;
    TaskCompletionSource? holding;
    int held;

    ProviderFront(WebApplication app, IdentityProvider provider) => (this.app, this.provider) = (app, provider);

    public Uri Address => new(app.Urls.Single());

    /// <summary>Every refresh token that was presented, in order.</summary>
    public ConcurrentQueue<string> Presented { get; } = [];

    /// <summary>Replies that are held back at this moment.</summary>
    public int Held => Volatile.Read(ref held);

    public static async Task<ProviderFront> Start(IdentityProvider provider)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var front = new ProviderFront(app, provider);
        app.UseRouting();
        app.MapGet("/.well-known/openid-configuration", (RequestDelegate)front.Discovery);
        app.MapPost("/token", (RequestDelegate)front.Token);
        await app.StartAsync();
        return front;
    }

    /// <summary>From here on the provider's replies stay here.</summary>
    public void Hold() => holding = new();

    /// <summary>Lets go of all replies, of which those who asked for them are dead.</summary>
    public void Release()
    {
        var all = holding!;
        (holding, held) = (null, 0);
        all.SetResult();
    }

    public ValueTask DisposeAsync() => app.DisposeAsync();

    async Task Discovery(HttpContext context)
    {
        var found = JsonNode.Parse(await provider.Server.Http.GetStringAsync(new Uri($"{provider.Authority}/.well-known/openid-configuration")))!;
        found["token_endpoint"] = new Uri(Address, "/token").ToString();
        await context.Response.WriteAsync(found.ToJsonString());
    }

    async Task Token(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var form = QueryHelpers.ParseQuery(await reader.ReadToEndAsync());
        Presented.Enqueue(form["refresh_token"].ToString());
        using var reply = await provider.Server.Http.PostAsync(new Uri($"{provider.Server.Url}/oauth2/token"), new FormUrlEncodedContent(form.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.ToString()))));
        var body = await reply.Content.ReadAsStringAsync();
        if (holding is { } hold)
        {
            Interlocked.Increment(ref held);
            await hold.Task;
        }
        context.Response.StatusCode = (int)reply.StatusCode;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(body);
    }
}
