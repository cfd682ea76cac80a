using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load;

/// What one round of requests cost; the database's part where it has processes of its own, and the bare work of one request at about the same moment: its signatures, and its read where that goes to another process.
sealed record Sample(
    double PerSecond, double CpuMicroseconds, double DriverShare, double DatabaseMicroseconds = 0, double BareMicroseconds = double.NaN, double BareReadMicroseconds = 0)
{
    public double OverBare => CpuMicroseconds / BareMicroseconds;

    /// What it costs a server that so many requests are answered by the end of some work.
    public static async Task<Sample> Of(ServerProcess server, int requests, Func<Task> work)
    {
        var (driver, cpu, watch) = (Environment.CpuUsage.TotalTime, server.Cpu(), Stopwatch.StartNew());
        await work();
        var elapsed = watch.Elapsed;
        return new(requests / elapsed.TotalSeconds, (server.Cpu() - cpu).TotalMicroseconds / requests,
            (Environment.CpuUsage.TotalTime - driver) / elapsed);
    }
}

/// A fixed number of connections, each with a session of its own, each sending its next refresh when the last was answered.
sealed class ClosedLoop(Peer peer, ServerProcess server, HttpClient http, string[] refreshTokens)
{
    /// One session for each connection, signed in one after the other.
    public static async Task<ClosedLoop> SignIn(Peer peer, ServerProcess server, HttpClient http, int connections)
    {
        var tokens = new string[connections];
        for (var i = 0; i < connections; i++) tokens[i] = await peer.SignIn(http);
        return new(peer, server, http, tokens);
    }

    public async Task<Sample> Run(int requests)
    {
        using var loop = new HttpLoop(peer.Url, refreshTokens.Length);
        return await Sample.Of(server, requests, () => Task.Run(() => loop.Run(requests, Next, Take)));
    }

    /// What it costs a server that so many connections together do something so many times.
    public static Task<Sample> Measure(ServerProcess server, int connections, int requests, Func<int, Task> once)
    {
        var left = requests;
        return Sample.Of(server, requests, () => Task.WhenAll(Enumerable.Range(0, connections).Select(async connection =>
        {
            while (Interlocked.Decrement(ref left) >= 0) await once(connection);
        })));
    }

    /// One refresh of one session, by itself. Returns its latency in microseconds.
    public async Task<double> Refresh(int session)
    {
        var start = Stopwatch.GetTimestamp();
        using var request = peer.Refresh(refreshTokens[session]);
        using var reply = await http.SendAsync(request);
        var body = await reply.Content.ReadAsByteArrayAsync();
        var took = Stopwatch.GetElapsedTime(start).TotalMicroseconds;

        if (reply.StatusCode != System.Net.HttpStatusCode.OK)
            throw new BenchException($"{peer.Name} answered {(int)reply.StatusCode}: {Encoding.UTF8.GetString(body)}");
        Take(session, body);
        return took;
    }

    byte[] Next(int session)
    {
        using var request = peer.Refresh(refreshTokens[session]);
        using var form = new StreamReader(request.Content!.ReadAsStream());
        var fields = form.ReadToEnd();
        return Encoding.ASCII.GetBytes(
            $"POST {request.RequestUri!.PathAndQuery} HTTP/1.1\r\nHost: {peer.Url.Authority}\r\nContent-Type: {request.Content.Headers.ContentType}\r\nContent-Length: {fields.Length}\r\n\r\n{fields}");
    }

    /// Anything but new tokens ends the run.
    void Take(int session, ReadOnlyMemory<byte> body)
    {
        using var json = JsonDocument.Parse(body);
        var (tokens, before) = (peer.Read(json.RootElement), refreshTokens[session]);
        if (peer.Rotates && (tokens.Refresh is null || tokens.Refresh == before))
            throw new BenchException($"{peer.Name} did not rotate the refresh token");
        refreshTokens[session] = tokens.Refresh ?? before;
    }
}
