using System.Globalization;
using Poolhouse.Load.Guarding;
using Poolhouse.Load.Scaling;
using Poolhouse.Load.SigningIn;

namespace Poolhouse.Load;

/// Runs the parts that were asked for and prints the page; a whole run is kept as bench/results/<day>.md.
static class Program
{
    static async Task<int> Main(string[] args)
    {
        // run.sh says what this process cannot see: it is itself bound to one core.
        var (root, sdk) = (Variable("BENCH_ROOT"), Variable("BENCH_SDK"));
        var cores = int.Parse(Variable("BENCH_CORES"), CultureInfo.InvariantCulture);
        // On the disk of the repository: a temporary folder in memory would make durable writes free.
        var run = Directory.CreateDirectory(Path.Combine(root, "artifacts/bench", $"run-{Environment.ProcessId}"));
        try
        {
            var options = Options.Read(args);
            var results = await Measure(options, sdk, new Paths(root, run.FullName, cores) { Jit = options.Jit });
            var day = TimeProvider.System.GetLocalNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
            var page = Report.Write(results, options, day);
            if (options.KeptAs is { } end) await Keep(Path.Combine(root, "bench/results"), day + end, page);
            Console.Write(page);
            run.Delete(recursive: true);
            return 0;
        }
        catch (BenchException problem)
        {
            await Console.Error.WriteLineAsync($"the run ends here: {problem.Message}");
            return 1;
        }
    }

    static Task Keep(string folder, string name, string page)
    {
        Directory.CreateDirectory(folder);
        return File.WriteAllTextAsync(Path.Combine(folder, $"{name}.md"), page);
    }

    static string Variable(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set: start with bench/run.sh");

    static async Task<Results> Measure(Options options, string sdk, Paths paths)
    {
        using var handler = new SocketsHttpHandler
        {
            MaxConnectionsPerServer = Options.Connections,
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        using var http = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(60) };
        return new(sdk, paths.Cores, paths.IsNative,
            options.Has("refresh") ? await new Comparison(options, paths, http, Options.ServerCore).Run() : null,
            options.Has("refresh") ? await new Comparison(options, paths, http, paths.AllCores).Run() : null,
            options.Has("start") ? await new StartUp(options, paths, http).Run() : [],
            options.HasGuard ? await MeasureGuard(options, paths, http) : null,
            options.HasSignIn ? await new SignIns(options, paths, http).Run() : null,
            options.HasScaling ? await MeasureScaling(options, paths, http) : null);
    }

    static async Task<ScalingResults> MeasureScaling(Options options, Paths paths, HttpClient http) => new(
        options.Has("growth") ? await new Growth(options, paths, http).Run() : [],
        options.Has("nodes") ? await new Nodes(options, paths, http).Run() : []);

    static async Task<GuardResults> MeasureGuard(Options options, Paths paths, HttpClient http)
    {
        var (checks, memory, requests) = ((CheckTimes?)null, (GuardMemory?)null, (Race?)null);
        if (options.Has("checks") || options.Has("memory") || options.Has("requests"))
        {
            await using var issued = await IssuedTokens.Have(options, paths, http);
            if (options.Has("checks")) checks = await new Checks(options, paths, issued).Run();
            if (options.Has("memory")) memory = await new Memory(options, paths, issued).Run();
            if (options.Has("requests")) requests = await new Requests(options, paths, http, issued).Run();
        }
        return new(checks, memory, requests,
            options.Has("revocations") ? await new Revocations(options, paths, http).Run() : [],
            options.Has("readers") ? await new Readers(options, paths, http).Run() : null);
    }
}
