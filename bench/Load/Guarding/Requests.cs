using System.Globalization;
using System.Text;

namespace Poolhouse.Load.Guarding;

/// The same API without authentication, behind JwtBearer and behind the guard, asked with tokens that it knows: in every round each in turn.
sealed class Requests(Options options, Paths paths, HttpClient http, IssuedTokens issued)
{
    public const string Open = "no authentication";
    public const string Bearer = "JwtBearer";
    public const string Guard = "guard";

    const int PerRound = 60_000;
    const int WarmUp = 150_000;

    public async Task<Race> Run()
    {
        (string Name, string Kind)[] kinds = [(Open, "open"), (Bearer, "bearer"), (Guard, "guard")];
        var servers = new List<ServerProcess>();
        var contestants = new List<Contestant>();
        try
        {
            foreach (var (name, kind) in kinds)
            {
                Console.Error.WriteLine($"starting the API, {name}");
                var url = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}/");
                var folder = Directory.CreateDirectory(paths.Fresh($"api-{kind}")).FullName;
                string[] line = ["dotnet", paths.Built("GuardedApi", "Poolhouse.GuardedApi.dll"), $"{url.Port}", kind, issued.Issuer, issued.ClientId];
                var server = ServerProcess.Start(new(folder, line), Path.Combine(folder, "log"), Options.ServerCore);
                servers.Add(server);
                await server.Answers(http, new(url, "ready"));
                if (kind != "open") await MustRefuse(name, url);
                byte[][] requests = [.. issued.Known.Select(token => Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Bearer {token}\r\n\r\n"))];
                contestants.Add(new(name, server, new(url, Options.Connections), requests));
            }
            return await Rounds(contestants);
        }
        finally
        {
            foreach (var contestant in contestants) contestant.Loop.Dispose();
            foreach (var server in servers) await server.DisposeAsync();
        }
    }

    async Task<Race> Rounds(List<Contestant> contestants)
    {
        var race = new Race(contestants.Select(contestant => contestant.Name));
        var requests = (int)(PerRound * options.Scale);
        for (var round = 0; round <= options.Rounds; round++)
            foreach (var contestant in round % 2 == 0 ? contestants : Enumerable.Reverse(contestants))
            {
                // The runtime compiles what is hot in several steps, on the core that it shares with what it serves.
                var sample = await contestant.Run(round == 0 ? WarmUp : requests);
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"round {round}  {sample.PerSecond,7:F0}/s {sample.CpuMicroseconds,8:F1} µs  {contestant.Name}"));
                if (round > 0) race.Add(contestant.Name, sample);
            }
        return race;
    }

    // What lets everybody in is quick and proves nothing.
    async Task MustRefuse(string name, Uri url)
    {
        using var reply = await http.GetAsync(url);
        if (reply.StatusCode != System.Net.HttpStatusCode.Unauthorized) throw new BenchException($"the API behind {name} answers {(int)reply.StatusCode} without a token");
    }

    // Each token in turn.
    sealed class Contestant(string name, ServerProcess server, HttpLoop loop, byte[][] requests)
    {
        int next;

        public string Name => name;
        public HttpLoop Loop => loop;

        public Task<Sample> Run(int count) =>
            Sample.Of(server, count, () => Task.Run(() => loop.Run(count, _ => requests[next++ % requests.Length], (_, _) => { })));
    }
}
