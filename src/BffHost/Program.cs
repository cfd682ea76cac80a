using System.CommandLine;

namespace Poolhouse.BffHost;

/// <summary>The command line: poolhouse-bff --config bff.json.</summary>
static class Program
{
    static Task<int> Main(string[] args)
    {
        var config = new Option<FileInfo?>("--config")
        {
            Description = "A JSON file with the settings (docs/guide/bff.md). Environment variables go before it: POOLHOUSE_BFF_ClientSecret, POOLHOUSE_BFF_Store__Kind …",
            HelpName = "file",
        };
        var root = new RootCommand("The backend for frontends of Poolhouse as a program: signs users in, keeps their tokens, serves a single-page app and passes its calls on to APIs.") { config };
        root.SetAction((parsed, cancel) => Guarded(() => Run(parsed.GetValue(config), cancel)));
        // No timeout of the parser's own: on SIGTERM the host alone decides how long requests in flight may take.
        return root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
    }

    static async Task Run(FileInfo? config, CancellationToken cancel)
    {
        var settings = HostSettings.Read(config);
        await using var app = await HostBuilding.Build(settings, config?.DirectoryName);
        await app.RunAsync(cancel);
    }

    // What an operator can mend is one line on standard error.
    static async Task<int> Guarded(Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (Exception fault) when (fault is ArgumentException or HostSettingsException or IOException or InvalidOperationException or InvalidDataException or FormatException)
        {
            await Console.Error.WriteLineAsync($"poolhouse-bff: {fault.Message}");
            for (var cause = fault.InnerException; cause is not null; cause = cause.InnerException) await Console.Error.WriteLineAsync($"  because: {cause.Message}");
            return 1;
        }
    }
}
