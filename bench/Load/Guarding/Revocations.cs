using System.Diagnostics;
using System.Security.Cryptography;
using Poolhouse.Guard;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load.Guarding;

/// Milliseconds until a guard refuses, one number for each revocation and guard; and what the guards must never have done.
/// <param name="Name">Where.</param>
/// <param name="FromSent">From just before the call that revokes was sent: the commit lies in between.</param>
/// <param name="FromReply">From its answer; below zero where the guard was quicker than the answer.</param>
/// <param name="Wrong">Times that a revoked token was accepted after it had been refused, or one was refused that nobody had revoked.</param>
/// <param name="LooksPerSecond">How often each guard was asked: the grain of all this.</param>
sealed record RevocationDelays(string Name, double[] FromSent, double[] FromReply, int Wrong, double LooksPerSecond)
{
    public double P99 => FromSent.Percentile(0.99);
}

/// Sessions are revoked one after the other at a steady rate, whether or not the server has answered, while three guards are asked for them.
sealed class Revocations(Options options, Paths paths, HttpClient http)
{
    public const int PerSecond = 100;
    public const int Guards = 3;
    const int WarmUp = 100;

    public int Counted => (int)(20 * PerSecond * options.Scale);

    public async Task<List<RevocationDelays>> Run()
    {
        var results = new List<RevocationDelays> { await OnSqlite() };
        if (Postgres.IsInstalled) results.Add(await OnPostgres());
        return results;
    }

    async Task<RevocationDelays> OnSqlite()
    {
        var node = Field.Poolhouse(paths, rotates: false);
        await using var server = await node.Start(http, paths.Fresh("revocations"), Options.ServerCore);
        return await Measure("SQLite, one node", node, node);
    }

    async Task<RevocationDelays> OnPostgres()
    {
        await using var database = await Postgres.Start(paths, "revocations");
        (string, string)[] variables =
        [
            ("POOLHOUSE_Storage__ConnectionString", database.Connection),
            ("POOLHOUSE_Keys__Master", Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))),
        ];
        PoolhousePeer one = Field.Poolhouse(paths, rotates: false, variables), other = Field.Poolhouse(paths, rotates: false, variables);
        await using var first = await one.Start(http, paths.Fresh("revocations-one"), Options.ServerCore);
        await using var second = await other.Start(http, paths.Fresh("revocations-other"), Options.ServerCore);
        return await Measure("PostgreSQL, two nodes, guards at the other one", one, other);
    }

    async Task<RevocationDelays> Measure(string name, PoolhousePeer revoking, PoolhousePeer read)
    {
        Console.Error.WriteLine($"revocations: {name}");
        var sessions = new Session[WarmUp + Counted];
        await Parallel.ForAsync(0, sessions.Length, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) =>
        {
            var refresh = await revoking.SignIn(http);
            sessions[i] = new(refresh, revoking.Read(await revoking.Ask(http, revoking.Refresh(refresh))).Access);
        });
        var guards = new List<CognitoGuard>();
        try
        {
            for (var i = 0; i < Guards; i++) guards.Add(await Guard(revoking, read));
            return await Revoke(name, revoking, sessions, guards);
        }
        finally
        {
            foreach (var guard in guards) await guard.DisposeAsync();
        }
    }

    static async Task<CognitoGuard> Guard(PoolhousePeer revoking, PoolhousePeer read)
    {
        var guard = new CognitoGuard(new() { Issuer = revoking.Issuer, PoolUrl = read.Issuer, ClientIds = [revoking.ClientId] });
        await guard.StartAsync();
        return guard.Status is { HasKeys: true, Revocations: RevocationState.Fresh } ? guard : throw new BenchException($"a guard stands at {guard.Status}");
    }

    async Task<RevocationDelays> Revoke(string name, PoolhousePeer node, Session[] sessions, List<CognitoGuard> guards)
    {
        var watches = guards.Select(guard => new RefusalWatch(guard, sessions)).ToList();
        foreach (var watch in watches) await watch.Start();

        var calls = new List<Task>();
        var began = Stopwatch.GetTimestamp();
        foreach (var session in sessions)
        {
            while (Stopwatch.GetElapsedTime(began).TotalSeconds * PerSecond < calls.Count) await Task.Delay(1);
            calls.Add(Call(node, session));
        }
        await Task.WhenAll(calls);
        var wrong = 0;
        foreach (var watch in watches) wrong += await watch.End();

        var counted = Enumerable.Range(WarmUp, sessions.Length - WarmUp).SelectMany(i => watches.Select(watch => (sessions[i], RefusedAt: watch.RefusedAt[i]))).ToList();
        return new(name,
            [.. counted.Select(one => Milliseconds(one.Item1.SentAt, one.RefusedAt))], [.. counted.Select(one => Milliseconds(one.Item1.AnsweredAt, one.RefusedAt))],
            wrong, watches.Average(watch => watch.LooksPerSecond));
    }

    async Task Call(PoolhousePeer node, Session session)
    {
        using var request = node.Revoke(session.RefreshToken);
        session.SentAt = Stopwatch.GetTimestamp();
        using var reply = await http.SendAsync(request);
        session.AnsweredAt = Stopwatch.GetTimestamp();
        if (!reply.IsSuccessStatusCode) throw new BenchException($"a revocation was answered {(int)reply.StatusCode}");
    }

    static double Milliseconds(long from, long to) => (to - from) * 1000.0 / Stopwatch.Frequency;
}

/// A session that is going to be revoked, and when that was. Times are of the monotonic clock.
sealed class Session(string refreshToken, string accessToken)
{
    long sentAt;

    public string RefreshToken => refreshToken;
    public string AccessToken => accessToken;
    public long AnsweredAt { get; set; }

    /// 0 until the call is about to be sent.
    public long SentAt
    {
        get => Volatile.Read(ref sentAt);
        set => Volatile.Write(ref sentAt, value);
    }
}
