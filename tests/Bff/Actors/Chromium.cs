using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Poolhouse.Bff.Tests.Actors;

/// <summary>A real browser with one tab, driven by its own protocol; for what only a browser can show.</summary>
sealed partial class Chromium : IAsyncDisposable
{
    readonly Process process;
    readonly string profile;
    readonly ClientWebSocket socket = new();
    readonly byte[] buffer = new byte[1024 * 1024];
    string session = "";
    int calls;

    Chromium(Process process, string profile) => (this.process, this.profile) = (process, profile);

    public static async Task<Chromium> Start(string hosts)
    {
        var profile = Directory.CreateTempSubdirectory("bff-chromium-").FullName;
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
        [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--ignore-certificate-errors", $"--host-resolver-rules={hosts}", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank",
        ]) { RedirectStandardError = true, RedirectStandardOutput = true };
        var browser = new Chromium(Process.Start(start)!, profile);
        while (true)
        {
            var line = await browser.process.StandardError.ReadLineAsync() ?? throw new InvalidOperationException("Chromium ended before it listened.");
            if (Listening().Match(line) is not { Success: true } found) continue;
            await browser.socket.ConnectAsync(new Uri(found.Groups[1].Value), default);
            break;
        }
        _ = browser.process.StandardError.ReadToEndAsync();
        _ = browser.process.StandardOutput.ReadToEndAsync();
        var tab = await browser.Call("Target.createTarget", new() { ["url"] = "about:blank" });
        browser.session = (string)(await browser.Call("Target.attachToTarget", new() { ["targetId"] = (string)tab["targetId"]!, ["flatten"] = true }))["sessionId"]!;
        return browser;
    }

    public Task Go(string url) => Call("Page.navigate", new() { ["url"] = url });

    /// <summary>Runs a script in the page and returns what it comes to, as text; an exception of it is one here.</summary>
    public async Task<string> Run(string script)
    {
        var reply = await Call("Runtime.evaluate", new() { ["expression"] = $"(async () => String(await ({script})))()", ["awaitPromise"] = true, ["returnByValue"] = true });
        return (string?)reply["result"]?["value"] ?? throw new InvalidOperationException(reply.ToJsonString());
    }

    /// <summary>Waits until a script in the page comes to true, also across navigations.</summary>
    public async Task Until(string script)
    {
        var last = "";
        for (var began = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromSeconds(60); await Task.Delay(50))
        {
            try
            {
                last = await Run(script);
                if (last == "true") return;
            }
            catch (InvalidOperationException navigating)
            {
                last = navigating.Message;
            }
        }
        throw new TimeoutException($"{script}: {last}; at {await Run("location.href + document.body.innerText")}");
    }

    /// <summary>All cookies of the browser.</summary>
    public async Task<JsonArray> Cookies() => (await Call("Storage.getCookies", []))["cookies"]!.AsArray();

    /// <summary>Puts a cookie into the browser as somebody does who has had it in hand.</summary>
    public Task SetCookie(string name, string value, string url) => Call("Storage.setCookies", new()
    {
        ["cookies"] = new JsonArray(new JsonObject { ["name"] = name, ["value"] = value, ["url"] = url, ["path"] = "/", ["secure"] = true, ["httpOnly"] = true, ["sameSite"] = "Strict" }),
    });

    public async ValueTask DisposeAsync()
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        socket.Dispose();
        for (var tries = 0; tries < 20 && Directory.Exists(profile); tries++)
        {
            try
            {
                Directory.Delete(profile, recursive: true);
            }
            catch (IOException)
            {
                await Task.Delay(100);
            }
        }
    }

    async Task<JsonObject> Call(string method, JsonObject parameters)
    {
        var id = ++calls;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (session.Length > 0) message["sessionId"] = session;
        await socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, default);
        while (true)
        {
            var length = 0;
            for (var end = false; !end;)
            {
                var part = await socket.ReceiveAsync(buffer.AsMemory(length), default);
                (length, end) = (length + part.Count, part.EndOfMessage);
            }
            var reply = JsonNode.Parse(buffer.AsSpan(0, length))!.AsObject();
            if ((int?)reply["id"] != id) continue;
            return reply["result"]?.AsObject() ?? throw new InvalidOperationException($"{method}: {reply.ToJsonString()}");
        }
    }

    [GeneratedRegex("DevTools listening on (ws://.*)")]
    private static partial Regex Listening();
}
