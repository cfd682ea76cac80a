using System.Globalization;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load.SigningIn;

/// Everything about signing in: what it costs beside its bare cost, what it does to refreshes, and what guessing gets.
sealed record SignInResults(Race Password, Race Srp, List<RefreshLatency> Refreshes, GuessResult Guesses);

/// One server that is signed in to by password and by SRP, in turn with the bare cost of each.
sealed class SignIns(Options options, Paths paths, HttpClient http)
{
    public const string ByPassword = "by password";
    public const string BySrp = "by SRP";

    const string User = "bench";
    const string Password = "Bench-password-1";
    const int PerRound = 300;
    const int BareTimes = 100;

    public async Task<SignInResults> Run()
    {
        Console.Error.WriteLine("signing in");
        var peer = Field.Poolhouse(paths, rotates: false);
        await using var server = await peer.Start(http, paths.Fresh("signin"), Options.ServerCore);
        using var crowd = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = FloodedRefreshes.Connections, UseCookies = false });

        Func<Task> WithPassword(HttpClient client) => async () =>
            PasswordApp.MustBeTokens(await PasswordApp.SignIn(peer, client, peer.ClientId, User, Password));
        Func<Task> WithSrp(HttpClient client) => new SrpApp(peer, client, User, Password).SignIn;

        var (password, srp) = (new Race([ByPassword]), new Race([BySrp]));
        for (var round = 0; round <= options.Rounds; round++)
        {
            await Round(password, ByPassword, "argon2id", server, WithPassword(http), keep: round > 0);
            await Round(srp, BySrp, "exponentiations", server, WithSrp(http), keep: round > 0);
        }
        return new(password, srp, await new FloodedRefreshes(options, peer, http, crowd).Run(WithPassword, WithSrp), await new Guesses(peer, crowd).Run());
    }

    async Task Round(Race race, string name, string bare, ServerProcess server, Func<Task> signIn, bool keep)
    {
        var cost = await BareCost.Of(paths, bare, BareTimes);
        var sample = await ClosedLoop.Measure(server, Options.Connections, Math.Max(Options.Connections, (int)(PerRound * options.Scale)), _ => signIn());
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{sample.PerSecond,7:F0}/s {sample.CpuMicroseconds,8:F0} µs, bare {cost:F0} µs, driver {sample.DriverShare:P0}  {name}"));
        if (!keep) return;
        race.Add(name, sample);
        race.Bare.Add(cost);
    }
}
