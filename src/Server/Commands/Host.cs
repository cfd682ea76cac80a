using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Poolhouse.Core.Keys;
using Poolhouse.Server.Dev;
using Poolhouse.Storage;

namespace Poolhouse.Server.Commands;

/// <summary>What the verbs share: reading settings, running a host to its end, and saying in one line why something cannot start.</summary>
static class Host
{
    /// <summary>The option that names a settings file.</summary>
    public static Option<FileInfo?> ConfigOption() => new("--config")
        { Description = "A JSON file with settings; environment variables (POOLHOUSE_Storage__DataDirectory …) go before it.", HelpName = "file" };

    /// <summary>Reads the settings from a file and the environment.</summary>
    public static Settings ReadSettings(FileInfo? file)
    {
        var configuration = new ConfigurationBuilder();
        if (file is not null) configuration.AddJsonFile(file.FullName, optional: false);
        return Settings.Bind(configuration.AddEnvironmentVariables(Settings.Prefix).Build());
    }

    /// <summary>Makes signing keys for real.</summary>
    public static SigningKey NewKey(KeyUse use) => SigningKey.Create(use);

    /// <summary>Runs work on the data of `serve`, beside a server that may be running.</summary>
    public static Task<int> Beside(FileInfo? config, Func<OpenedStorage, Task> work, CancellationToken cancel) => Guarded(async () =>
    {
        var opened = await OpenedStorage.Open(
            ReadSettings(config), DirectoryKind.Serve, OpenMode.Beside, TimeProvider.System, NullLogger<Database>.Instance, cancel);
        await using var database = opened.Database;
        await work(opened);
    });

    /// <summary>Serves until the process is told to stop.</summary>
    public static async Task UntilStopped(WebApplication app, CancellationToken cancel)
    {
        var stopped = app.WaitForShutdownAsync(cancel);
        // 4 MB are what only the start has needed; where there is no load, the collector would not come for them.
        if (await Task.WhenAny(stopped, Task.Delay(TimeSpan.FromSeconds(1), cancel)) != stopped)
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        await stopped;
    }

    /// <summary>Runs work and turns what an operator can mend into one line on standard error.</summary>
    public static async Task<int> Guarded(Func<Task> work)
    {
        try
        {
            await work();
            return Environment.ExitCode;
        }
        catch (Exception fault) when (fault is StorageException or SettingsException or SeedException or IOException or InvalidOperationException or InvalidDataException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"poolhouse: {fault.Message}");
            for (var cause = fault.InnerException; cause is not null; cause = cause.InnerException)
                await Console.Error.WriteLineAsync($"  because: {cause.Message}");
            return 1;
        }
    }
}
