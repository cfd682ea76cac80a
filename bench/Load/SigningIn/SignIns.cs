using System.Globalization;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load.SigningIn;

/// Everything about signing in: what it costs beside its bare cost, what it does to refreshes, and what guessing gets.
sealed record SignInResults(Race Password, Race Srp, FloodedServer[] Floods, GuessResult Guesses);

/// One server that is signed in to by password and by SRP, in turn with the bare cost of each.
sealed class SignIns(Options options, Paths paths, HttpClient http)
{
    public const string ByPassword = "by password";
    public const string BySrp = "by SRP";

    const string User = "bench";
    const string Password = "Bench-password-1";
    const int PerRound = 150;
    const int BareTimes = 60;

    readonly PoolhousePeer peer = Field.Poolhouse(paths, rotates: false);

    public async Task<SignInResults> Run()
    {
        using var crowd = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = FloodedRefreshes.Connections, UseCookies = false });
        var pinned = await Pinned(crowd);
        await using var server = await Start("all cores", paths.AllCores);
        return pinned with { Floods = [.. pinned.Floods, await Flooded("all cores", crowd)] };
    }

    async Task<SignInResults> Pinned(HttpClient crowd)
    {
        await using var server = await Start("core 0", Options.ServerCore);
        var (password, srp) = await Costs(server);
        return new(password, srp, [await Flooded("core 0", crowd)], await new Guesses(peer, crowd).Run());
    }

    Task<ServerProcess> Start(string place, string cores)
    {
        Console.Error.WriteLine($"signing in, server on {place}");
        return peer.Start(http, paths.Fresh($"signin-{cores}"), cores);
    }

    async Task<(Race Password, Race Srp)> Costs(ServerProcess server)
    {
        var (password, srp) = (new Race([ByPassword]), new Race([BySrp]));
        var (withPassword, withSrp) = (WithPassword(http), WithSrp(http));
        for (var round = 0; round <= options.Rounds; round++)
        {
            await Round(password, ByPassword, "argon2id", server, withPassword, keep: round > 0);
            await Round(srp, BySrp, "exponentiations", server, withSrp, keep: round > 0);
        }
        return (password, srp);
    }

    Task<FloodedServer> Flooded(string place, HttpClient crowd) =>
        new FloodedRefreshes(options, peer, crowd).Run(place, WithPassword(crowd), WithSrp(crowd));

    Func<Task> WithPassword(HttpClient client) => async () =>
        PasswordApp.MustBeTokens(await PasswordApp.SignIn(peer, client, peer.ClientId, User, Password));

    Func<Task> WithSrp(HttpClient client) => new SrpApp(peer, client, User, Password).SignIn;

    async Task Round(Race race, string name, string bare, ServerProcess server, Func<Task> signIn, bool keep)
    {
        var cost = await BareCost.Of(paths, bare, BareTimes);
        var sample = await ClosedLoop.Measure(server, Options.Connections, Math.Max(Options.Connections, (int)(PerRound * options.Scale)), _ => signIn());
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{sample.PerSecond,7:F0}/s {sample.CpuMicroseconds,8:F0} µs, bare {cost:F0} µs, driver {sample.DriverShare:P0}  {name}"));
        if (!keep) return;
        race.Add(name, sample with { BareMicroseconds = cost });
    }
}
