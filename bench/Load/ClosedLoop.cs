using System.Diagnostics;
using System.Text.Json;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load;

/// What one round of requests cost; the database's part where it has processes of its own, and the bare work of one request at about the same moment: its signatures, and its read where that goes to another process.
sealed record Sample(
    double PerSecond, double CpuMicroseconds, double DriverShare, double DatabaseMicroseconds = 0, double BareMicroseconds = double.NaN, double BareReadMicroseconds = 0)
{
    public double OverBare => CpuMicroseconds / BareMicroseconds;
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

    public Task<Sample> Run(int requests) => Measure(server, refreshTokens.Length, requests, Refresh);

    /// What it costs a server that so many connections together do something so many times.
    public static async Task<Sample> Measure(ServerProcess server, int connections, int requests, Func<int, Task> once)
    {
        var left = requests;
        var (driver, cpu, watch) = (Environment.CpuUsage.TotalTime, server.Cpu(), Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async connection =>
        {
            while (Interlocked.Decrement(ref left) >= 0) await once(connection);
        }));
        var elapsed = watch.Elapsed;
        return new(requests / elapsed.TotalSeconds, (server.Cpu() - cpu).TotalMicroseconds / requests,
            (Environment.CpuUsage.TotalTime - driver) / elapsed);
    }

    /// One refresh of one session; anything but a good answer ends the run. Returns its latency in microseconds.
    public async Task<double> Refresh(int session)
    {
        var (before, start) = (refreshTokens[session], Stopwatch.GetTimestamp());
        using var request = peer.Refresh(before);
        using var reply = await http.SendAsync(request);
        var body = await reply.Content.ReadAsByteArrayAsync();
        var took = Stopwatch.GetElapsedTime(start).TotalMicroseconds;

        if (reply.StatusCode != System.Net.HttpStatusCode.OK)
            throw new BenchException($"{peer.Name} answered {(int)reply.StatusCode}: {System.Text.Encoding.UTF8.GetString(body)}");
        using var json = JsonDocument.Parse(body);
        var tokens = peer.Read(json.RootElement);
        if (peer.Rotates && (tokens.Refresh is null || tokens.Refresh == before))
            throw new BenchException($"{peer.Name} did not rotate the refresh token");
        refreshTokens[session] = tokens.Refresh ?? before;
        return took;
    }
}
