using Poolhouse.Load.Peers;

namespace Poolhouse.Load;

/// Milliseconds from the start of the process to its first answer on existing data, and megabytes resident when it is idle.
sealed record StartUpResult(string Name, double Milliseconds, double Slowest, double IdleMegabytes);

/// Starts servers again and again on data that is there already, one at a time, on any core.
sealed class StartUp(Options options, Paths paths, HttpClient http)
{
    static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    public async Task<List<StartUpResult>> Run()
    {
        var results = new List<StartUpResult>();
        foreach (var peer in new[] { Field.Poolhouse(paths, rotates: false), Field.Cognito(paths) }.Where(peer => options.Wants(peer.Name)))
            results.Add(await Measure(peer));
        return results;
    }

    async Task<StartUpResult> Measure(Peer peer)
    {
        Console.Error.WriteLine($"starting {peer.Name} ten times");
        var data = paths.Fresh($"start-{peer.Name}");
        double idle;
        await using (var server = await peer.Start(http, data, paths.AllCores))
        {
            await peer.Prepare(http);
            var loop = await ClosedLoop.SignIn(peer, server, http, connections: 1);
            await loop.Refresh(0); // keys and data exist from here on
        }
        await using (var server = await peer.Start(http, data, paths.AllCores))
        {
            await Task.Delay(Idle);
            idle = server.ResidentMegabytes();
        }
        var took = new List<double>();
        for (var i = 0; i < 10; i++)
        {
            await using var server = peer.Launch(data, paths.AllCores);
            took.Add((await server.Answers(http, new(peer.Url, peer.FirstPath))).TotalMilliseconds);
        }
        return new(peer.Name, took.Median(), took.Max(), idle);
    }
}
