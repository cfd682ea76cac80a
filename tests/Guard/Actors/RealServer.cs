using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>`poolhouse dev` as a process of its own, which can be killed and started again on its data.</summary>
sealed class RealServer : IAsyncDisposable
{
    readonly HttpClient http = new();
    readonly StringBuilder log = new();
    Process? process;

    public string Data { get; } = Directory.CreateTempSubdirectory("poolhouse-real-").FullName;

    public int Port { get; } = FreePort();

    public string Url => $"http://localhost:{Port}";

    public static async Task<RealServer> Begin()
    {
        var server = new RealServer();
        await server.Start();
        return server;
    }

    public async Task Start()
    {
        process = Process.Start(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "poolhouse"), ["dev", "--port", $"{Port}", "--data", Path.Combine(Data, "now")])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        process.OutputDataReceived += (_, line) => { lock (log) log.AppendLine(line.Data); };
        process.ErrorDataReceived += (_, line) => { lock (log) log.AppendLine(line.Data); };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (var tries = 0; !await IsReady(); tries++)
        {
            if (process.HasExited || tries > 1500) throw new InvalidOperationException($"The server does not start:\n{log}");
            await Task.Delay(20);
        }
    }

    /// <summary>Kills it as a power cut does.</summary>
    public async Task Kill()
    {
        process!.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
    }

    /// <summary>Makes a copy of the data, while no server runs.</summary>
    public void Backup() => Copy("now", "backup");

    /// <summary>Puts the copy in the place of the data, while no server runs.</summary>
    public void Restore() => Copy("backup", "now");

    /// <summary>Calls an operation of the JSON API that must succeed.</summary>
    public async Task<JsonObject> Call(string operation, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Url + "/");
        request.Headers.Add("X-Amz-Target", $"AWSCognitoIdentityProviderService.{operation}");
        request.Headers.TryAddWithoutValidation("Authorization",
            $"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature={new string('0', 64)}");
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-amz-json-1.1");
        using var reply = await http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        return reply.IsSuccessStatusCode ? (text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject()) : throw new InvalidOperationException($"{operation}: {text}");
    }

    /// <summary>Makes a pool with a client whose refresh tokens do not rotate, and one user.</summary>
    public async Task<RealPool> Pool()
    {
        var pool = (string)(await Call("CreateUserPool", """{"PoolName": "Test"}"""))["UserPool"]!["Id"]!;
        var made = new RealPool(this, pool);
        await made.NewClient();
        await Call("AdminCreateUser", $$"""{"UserPoolId": "{{pool}}", "Username": "ana", "MessageAction": "SUPPRESS"}""");
        await Call("AdminSetUserPassword", $$"""{"UserPoolId": "{{pool}}", "Username": "ana", "Password": "Passw0rd-1", "Permanent": true}""");
        return made;
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        http.Dispose();
        Directory.Delete(Data, recursive: true);
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    async Task<bool> IsReady()
    {
        try
        {
            using var reply = await http.GetAsync(new Uri(Url + "/readyz"));
            return reply.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    void Copy(string from, string to)
    {
        var target = Path.Combine(Data, to);
        if (Directory.Exists(target)) Directory.Delete(target, recursive: true);
        Directory.CreateDirectory(target);
        foreach (var file in Directory.GetFiles(Path.Combine(Data, from))) File.Copy(file, Path.Combine(target, Path.GetFileName(file)));
    }
}
