using System.Diagnostics;
using Poolhouse.Storage;

namespace Poolhouse.Trials.Soak;

/// <summary>
/// soak: a server whose clock runs 144 times as fast, under load for --seconds: ten minutes are a day. Nothing may grow meanwhile, and when
/// a hundred days have passed after it, no row of it may be left.
/// </summary>
static class SoakCommand
{
    const double Speed = 144;
    const double MostSlope = 1;
    const int Spare = 12;
    static readonly TimeSpan AllGone = TimeSpan.FromDays(100);

    public static int Run(Arguments arguments)
    {
        try
        {
            return Soak(new Chance((ulong)arguments.Number("seed", 1)), TimeSpan.FromSeconds(arguments.Number("seconds", 60)), arguments.Text("sabotage", "none")).GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            Report.Write(("wrong", e is GrownException ? e.Message : e.ToString()));
            return 1;
        }
    }

    static async Task<int> Soak(Chance chance, TimeSpan time, string sabotage)
    {
        var clock = new FastClock(Speed);
        await using var host = await Host.Start(clock, purgeSeconds: sabotage == "no-purge" ? 0 : 60);
        var (pool, client) = await Settle(host);
        var database = host.Service<Database>();
        var before = await Rows(database);

        var (load, began, over) = (new Load(host, pool, client, leaks: sabotage == "leak"), Stopwatch.GetTimestamp(), false);
        Task[] walks = [.. Enumerable.Range(0, 4).Select(_ => load.Walk(new Chance(chance.Next()), () => Volatile.Read(ref over))), load.Listen(() => Volatile.Read(ref over))];
        // The first third warms up.
        await Task.Delay(time / 3);
        var samples = new List<Sample> { Sample.Take(began) };
        while (Stopwatch.GetElapsedTime(began) < time)
        {
            await Task.Delay(TimeSpan.FromSeconds(2));
            samples.Add(Sample.Take(began));
        }
        Volatile.Write(ref over, true);
        await Task.WhenAll(walks);
        if (load.Failed > 0) throw new GrownException($"{load.Failed} requests were refused; the first: {load.Failure} {host.Fault}");

        var slope = Sample.Slope(samples);
        // Less than a megabyte in all is what a collector leaves lying about.
        if (slope > MostSlope && samples[^1].Megabytes > samples[0].Megabytes + MostSlope) throw new GrownException($"the heap grows by {slope:0.00} MB a minute: {string.Join(' ', samples.Select(sample => $"{sample.Megabytes:0.0}"))}");
        Flat("threads", samples, sample => sample.Threads);
        Flat("open files and sockets", samples, sample => sample.Handles);
        var most = (await Rows(database)).Sum(table => table.Value);
        var left = await Age(clock, database, before, purges: sabotage != "no-purge");
        Report.Write(("simulated hours", Math.Round(time.TotalHours * Speed, 1)), ("sign-ins", load.SignIns), ("refreshes", load.Refreshes), ("revocations", load.Revocations),
            ("heap, MB a minute", Math.Round(slope, 2)), ("heap at the end, MB", Math.Round(samples[^1].Megabytes, 1)), ("threads", samples[^1].Threads), ("handles", samples[^1].Handles),
            ("rows at the end", most), ("rows after 100 days", left));
        return 0;
    }

    /// <summary>A hundred days later: what expires is gone, and everything else is as it was before the load. Returns the rows that are left.</summary>
    static async Task<long> Age(FastClock clock, Database database, Dictionary<string, long> before, bool purges)
    {
        var until = clock.GetUtcNow() + AllGone;
        clock.Run(AllGone.TotalSeconds / 2);
        while (clock.GetUtcNow() < until) await Task.Delay(50);
        clock.Run(1);
        for (var rounds = 0; purges && rounds < 200 && await database.Purger.Run(CancellationToken.None) > 0; rounds++)
        {
            // Until nothing goes any more.
        }
        var after = await Rows(database);
        var grown = after.Where(table => table.Value > before.GetValueOrDefault(table.Key)).Select(table => $"{table.Key}: {before.GetValueOrDefault(table.Key)} to {table.Value}").ToArray();
        return grown.Length == 0 ? after.Sum(table => table.Value) : throw new GrownException($"rows are left that nobody needs: {string.Join("; ", grown)}");
    }

    static void Flat(string what, List<Sample> samples, Func<Sample, int> count)
    {
        if (count(samples[^1]) > count(samples[0]) + Spare) throw new GrownException($"{what}: {string.Join(' ', samples.Select(count))}");
    }

    static async Task<(string Pool, string Client)> Settle(Host host)
    {
        var pool = (await host.Must("CreateUserPool", """{"PoolName":"soak","AutoVerifiedAttributes":["email"]}""")).GetProperty("UserPool").GetProperty("Id").GetString()!;
        var client = (await host.Must("CreateUserPoolClient", $$$"""
            {"UserPoolId":"{{{pool}}}","ClientName":"soak","ExplicitAuthFlows":["ALLOW_USER_PASSWORD_AUTH"],"RefreshTokenRotation":{"Feature":"ENABLED","RetryGracePeriodSeconds":60},
             "RefreshTokenValidity":2,"AccessTokenValidity":1,"IdTokenValidity":1,"TokenValidityUnits":{"RefreshToken":"hours","AccessToken":"hours","IdToken":"hours"}}
            """)).GetProperty("UserPoolClient").GetProperty("ClientId").GetString()!;
        for (var number = 0; number < Load.People; number++)
        {
            await host.Must("AdminCreateUser", $$"""{"UserPoolId":"{{pool}}","Username":"person{{number}}","MessageAction":"SUPPRESS","UserAttributes":[{"Name":"email","Value":"p{{number}}@example.com"},{"Name":"email_verified","Value":"true"}]}""");
            await host.Must("AdminSetUserPassword", $$"""{"UserPoolId":"{{pool}}","Username":"person{{number}}","Password":"{{Load.Password}}","Permanent":true}""");
        }
        // The keys are made with the first sign-in, the head of the feed with the first revocation; both stay with the pool.
        var first = await host.Must("InitiateAuth", $$$"""{"ClientId":"{{{client}}}","AuthFlow":"USER_PASSWORD_AUTH","AuthParameters":{"USERNAME":"person0","PASSWORD":"{{{Load.Password}}}"}}""");
        await host.Must("RevokeToken", $$"""{"ClientId":"{{client}}","Token":"{{first.GetProperty("AuthenticationResult").GetProperty("RefreshToken").GetString()}}"}""");
        return (pool, client);
    }

    static async Task<Dictionary<string, long>> Rows(Database database)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in await database.Many("select name from sqlite_master where type = 'table' and name not like 'sqlite_%'", row => row.GetString(0), CancellationToken.None))
            counts[table] = await database.One($"select count(*) from {table}", row => row.GetInt64(0), CancellationToken.None);
        return counts;
    }

    /// <summary>What the process holds at a moment, garbage apart.</summary>
    sealed record Sample(double Minutes, double Megabytes, int Threads, int Handles)
    {
        public static Sample Take(long began)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();
            return new(Stopwatch.GetElapsedTime(began).TotalMinutes, GC.GetTotalMemory(false) / 1048576.0, Directory.GetDirectories("/proc/self/task").Length, Directory.GetFiles("/proc/self/fd").Length);
        }

        /// <summary>Megabytes a minute, by the median of all pairs (Theil and Sen): a spike among them does not tilt it.</summary>
        public static double Slope(List<Sample> samples)
        {
            var slopes = samples.SelectMany((one, at) => samples.Skip(at + 1).Select(other => (other.Megabytes - one.Megabytes) / (other.Minutes - one.Minutes))).Order().ToArray();
            return slopes[slopes.Length / 2];
        }
    }

    /// <summary>Something that has grown.</summary>
    sealed class GrownException(string message) : Exception(message);
}
