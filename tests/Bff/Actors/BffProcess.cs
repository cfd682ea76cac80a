using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Poolhouse.Bff.Tests.Actors;

/// <summary>The program poolhouse-bff over the store, the key and the client of a cluster; it can be killed, and started again.</summary>
sealed class BffProcess(Cluster cluster, StoreKind store, Uri authority) : IAsyncDisposable
{
    readonly HttpClient http = new(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false });
    readonly string directory = Directory.CreateTempSubdirectory("bff-process-").FullName;
    readonly int port = FreePort();
    Process? process;

    /// <summary>Starts it, and waits until it is ready.</summary>
    public async Task Start()
    {
        var settings = new JsonObject
        {
            ["Authority"] = authority.GetLeftPart(UriPartial.Authority), ["FeedUrl"] = $"{cluster.Provider.Authority}/revocations", ["ClientId"] = cluster.Client.Id, ["ClientSecret"] = cluster.Client.Secret,
            ["Scopes"] = new JsonArray("openid", "email", "profile"), ["PublicUrl"] = cluster.Url, ["Key"] = cluster.Key, ["Listen"] = new JsonArray($"http://127.0.0.1:{port}"),
            ["HandOutAccessTokens"] = true, ["RefreshAhead"] = "00:00:00", ["TakeOverAfter"] = "00:00:01", ["RefreshPatience"] = "00:00:30",
            ["Store"] = store == StoreKind.Sqlite ? new JsonObject { ["Kind"] = "sqlite", ["Path"] = cluster.Store.Place } : new JsonObject { ["Kind"] = "postgres", ["ConnectionString"] = cluster.Store.Place },
        };
        var file = Path.Combine(directory, "bff.json");
        await File.WriteAllTextAsync(file, settings.ToJsonString());
        // It does not live long enough for its code to be worth optimizing.
        process = Process.Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "poolhouse-bff.dll"), "--config", file]) { RedirectStandardOutput = true, Environment = { ["DOTNET_TieredPGO"] = "0" } })!;
        _ = process.StandardOutput.ReadToEndAsync();
        while (!await IsReady())
        {
            if (process.HasExited) throw new InvalidOperationException($"poolhouse-bff ended with {process.ExitCode}.");
            await Task.Delay(20);
        }
    }

    /// <summary>SIGKILL: nothing of it runs on.</summary>
    public async Task Kill()
    {
        process!.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Asks for the access token of a browser's session; null if the process died over it.</summary>
    public async Task<(int Status, string Body)?> Token(Browser browser)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/bff/token") { Headers = { { "X-Bff", "1" }, { "Cookie", $"__Host-Http-bff={browser.Handle}" } } };
            using var reply = await http.SendAsync(request);
            return ((int)reply.StatusCode, await reply.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (process is { HasExited: false }) await Kill();
        process?.Dispose();
        http.Dispose();
        Directory.Delete(directory, recursive: true);
    }

    async Task<bool> IsReady()
    {
        try
        {
            return (await http.GetAsync(new Uri($"http://127.0.0.1:{port}/readyz"))).StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
