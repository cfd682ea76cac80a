using System.Globalization;

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
        (string Name, string Kind)[] contestants = [(Open, "open"), (Bearer, "bearer"), (Guard, "guard")];
        var servers = new List<ServerProcess>();
        var loops = new List<(string Name, RequestLoop Loop)>();
        try
        {
            foreach (var (name, kind) in contestants)
            {
                Console.Error.WriteLine($"starting the API, {name}");
                var url = new Uri($"http://127.0.0.1:{ServerProcess.FreePort()}/");
                var folder = Directory.CreateDirectory(paths.Fresh($"api-{kind}")).FullName;
                string[] line = ["dotnet", paths.Built("GuardedApi", "Poolhouse.GuardedApi.dll"), $"{url.Port}", kind, issued.Issuer, issued.ClientId];
                var server = ServerProcess.Start(new(folder, line), Path.Combine(folder, "log"), Options.ServerCore);
                servers.Add(server);
                await server.Answers(http, new(url, "ready"));
                if (kind != "open") await MustRefuse(name, url);
                loops.Add((name, new(server, url, issued.Known)));
            }
            return await Rounds(loops);
        }
        finally
        {
            foreach (var (_, loop) in loops) loop.Dispose();
            foreach (var server in servers) await server.DisposeAsync();
        }
    }

    async Task<Race> Rounds(List<(string Name, RequestLoop Loop)> loops)
    {
        var race = new Race(loops.Select(entry => entry.Name));
        var requests = (int)(PerRound * options.Scale);
        for (var round = 0; round <= options.Rounds; round++)
            foreach (var (name, loop) in round % 2 == 0 ? loops : Enumerable.Reverse(loops))
            {
                // The runtime compiles what is hot in several steps, on the core that it shares with what it serves.
                var sample = await Task.Run(() => loop.Run(round == 0 ? WarmUp : requests));
                Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"round {round}  {sample.PerSecond,7:F0}/s {sample.CpuMicroseconds,8:F1} µs  {name}"));
                if (round > 0) race.Add(name, sample);
            }
        return race;
    }

    // What lets everybody in is quick and proves nothing.
    async Task MustRefuse(string name, Uri url)
    {
        using var reply = await http.GetAsync(url);
        if (reply.StatusCode != System.Net.HttpStatusCode.Unauthorized) throw new BenchException($"the API behind {name} answers {(int)reply.StatusCode} without a token");
    }
}
