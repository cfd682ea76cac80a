using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Poolhouse.Bff.Tests.Actors;
using Poolhouse.BffHost;
using Poolhouse.Storage.Tests;
using Xunit;

namespace Poolhouse.Bff.Tests;

/// <summary>The Bff as a program: settings in place of code.</summary>
public sealed class HostTests(IdentityProvider provider) : IDisposable
{
    readonly string directory = Directory.CreateTempSubdirectory("bff-host-").FullName;
    readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    readonly int port = FreePort();

    string Url => $"http://127.0.0.1:{port}";

    [Fact]
    public async Task It_serves_an_app_its_APIs_and_the_sign_in()
    {
        Directory.CreateDirectory(Path.Combine(directory, "dist"));
        await File.WriteAllTextAsync(Path.Combine(directory, "dist", "index.html"), "the app");
        await File.WriteAllTextAsync(Path.Combine(directory, "dist", "app.js"), "code");
        await File.WriteAllTextAsync(Path.Combine(directory, "secret.txt"), "secret");
        await using var api = await EchoApi.Start();
        await using var app = await Start(settings =>
        {
            settings["App"] = new JsonObject { ["Directory"] = "dist", ["Headers"] = new JsonObject { ["Content-Security-Policy"] = "default-src 'self'" } };
            settings["Apis"] = new JsonArray(new JsonObject { ["Prefix"] = "/api", ["Target"] = api.Url, ["Methods"] = new JsonArray("GET") });
        });
        using var page = await http.GetAsync(new Uri(Url + "/"));
        Assert.Equal(("the app", "default-src 'self'"), (await page.Content.ReadAsStringAsync(), page.Headers.GetValues("Content-Security-Policy").Single()));
        Assert.Equal(("the app", "code"), (await Get("/orders/7"), await Get("/app.js")));
        Assert.DoesNotContain("secret", await Get("/..%2fsecret.txt"), StringComparison.Ordinal);
        Assert.Equal(("ok", "ready"), (await Get("/healthz"), await Get("/readyz")));
        Assert.Equal("""{"signedIn":false,"reason":null}""", await Get("/bff/session"));
        Assert.Equal("""{"reason":null}""", await Get("/api/orders"));
        using var login = await http.GetAsync(new Uri(Url + "/bff/login"));
        Assert.StartsWith($"{provider.Server.Url}/oauth2/authorize?", login.Headers.Location!.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(directory, "bff.db")));
    }

    [Fact]
    public async Task A_development_server_stands_behind_it()
    {
        await using var dev = await EchoApi.Start();
        await using var app = await Start(settings => settings["App"] = new JsonObject { ["DevServer"] = dev.Url });
        Assert.Equal("GET /src/main.ts ", await Get("/src/main.ts"));
        Assert.DoesNotContain("Cookie", dev.Last.Headers.Keys);
        Assert.Equal("""{"signedIn":false,"reason":null}""", await Get("/bff/session"));
    }

    [Theory]
    [InlineData("memory")]
    [InlineData("postgres")]
    [InlineData("redis")]
    public async Task Its_store_is_chosen_by_a_setting(string kind)
    {
        await using var redis = kind == "redis" ? await RedisServer.Connect() : null;
        var text = kind switch { "postgres" => await PostgresCluster.NewDatabase(), "redis" => redis!.Configuration, _ => null };
        await using var app = await Start(settings => settings["Store"] = new JsonObject { ["Kind"] = kind, ["ConnectionString"] = text });
        Assert.Equal("ready", await Get("/readyz"));
    }

    [Fact]
    public async Task Behind_a_named_proxy_nobody_else_is_answered()
    {
        await using var app = await Start(settings => settings["Proxies"] = new JsonArray("10.1.2.3"));
        using var reply = await http.GetAsync(new Uri(Url + "/bff/session"));
        Assert.Equal(HttpStatusCode.Forbidden, reply.StatusCode);
        Assert.Equal("ok", await Get("/healthz"));
    }

    [Fact]
    public async Task Secrets_may_lie_in_files_and_not_twice()
    {
        var settings = await Settings(_ => { });
        var key = (string)settings["Key"]!;
        settings.Remove("Key");
        settings["KeyFile"] = Path.Combine(directory, "key");
        await File.WriteAllTextAsync(Path.Combine(directory, "key"), key + "\n");
        var options = new BffOptions();
        Read(settings).Apply(options);
        Assert.Equal(key, options.Key);
        settings["Key"] = key;
        Assert.Throws<HostSettingsException>(() => Read(settings).Apply(new()));
    }

    [Fact]
    public async Task Every_setting_of_the_guides_example_is_known()
    {
        var guide = await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "guide", "bff.md"));
        var sample = guide.Split("<!-- bff.json -->")[1].Split("```json")[1].Split("```")[0];
        var settings = Read(JsonNode.Parse(sample)!.AsObject());
        Assert.NotNull(settings.Apis);
        Assert.Equal("sqlite", settings.Store!.Kind);
    }

    [Theory]
    [InlineData("--help", 0, "--config")]
    [InlineData("typing mistake", 1, "ClientSecrett")]
    [InlineData("empty", 1, "BffOptions.Authority is required")]
    public async Task The_program_says_what_it_needs(string how, int code, string says)
    {
        var file = Path.Combine(directory, "bff.json");
        await File.WriteAllTextAsync(file, how == "empty" ? "{}" : """{"ClientSecrett": "x"}""");
        string[] arguments = how == "--help" ? ["--help"] : ["--config", file];
        using var program = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "poolhouse-bff.dll"), .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = await program.StandardOutput.ReadToEndAsync() + await program.StandardError.ReadToEndAsync();
        await program.WaitForExitAsync();
        Assert.Equal((code, true), (program.ExitCode, output.Contains(says, StringComparison.Ordinal)));
    }

    public void Dispose()
    {
        http.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    async Task<WebApplication> Start(Action<JsonObject> change)
    {
        var app = await HostBuilding.Build(Read(await Settings(change)), directory);
        await app.StartAsync();
        return app;
    }

    async Task<JsonObject> Settings(Action<JsonObject> change)
    {
        var client = await provider.Client(Url);
        var settings = new JsonObject
        {
            ["Authority"] = provider.Authority, ["ClientId"] = client.Id, ["ClientSecret"] = client.Secret, ["Scopes"] = new JsonArray("openid", "email"), ["PublicUrl"] = Url,
            ["Key"] = Convert.ToBase64String(new byte[32]), ["Listen"] = new JsonArray(Url), ["IdleAfter"] = "02:00:00",
        };
        change(settings);
        return settings;
    }

    HostSettings Read(JsonObject settings)
    {
        var file = Path.Combine(directory, "bff.json");
        File.WriteAllText(file, settings.ToJsonString());
        return HostSettings.Read(new(file));
    }

    async Task<string> Get(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Url + path) { Headers = { { "X-Bff", "1" } } };
        using var reply = await http.SendAsync(request);
        return await reply.Content.ReadAsStringAsync();
    }

    static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Poolhouse.slnx"))) folder = folder.Parent!;
        return folder.FullName;
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
