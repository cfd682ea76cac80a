using System.Diagnostics;
using Npgsql;
using Poolhouse.Core;
using Xunit;

[assembly: AssemblyFixture(typeof(Poolhouse.Storage.Tests.PostgresCluster))]

namespace Poolhouse.Storage.Tests;

/// <summary>A temporary PostgreSQL cluster, started by the first test that needs it and removed at the end of the run.</summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    static readonly Lazy<PostgresCluster> Started = new(Start);
    static int databases;
    readonly string? directory;
    readonly string? binaries;

    public PostgresCluster()
    {
    }

    PostgresCluster(string directory, string binaries)
    {
        this.directory = directory;
        this.binaries = binaries;
    }

    /// <summary>A new, empty database; the connection string for it.</summary>
    public static async Task<string> NewDatabase()
    {
        var cluster = await Task.Run(() => Started.Value);
        var name = $"t{Interlocked.Increment(ref databases)}";
        await using var source = new NpgsqlSlimDataSourceBuilder(cluster.Text("postgres")).Build();
        await using var command = source.CreateCommand($"create database {name} template template0");
        await command.ExecuteNonQueryAsync();
        return cluster.Text(name);
    }

    public ValueTask DisposeAsync()
    {
        if (Started.IsValueCreated) Started.Value.Stop();
        return default;
    }

    static PostgresCluster Start()
    {
        var binaries = Directory.Exists("/usr/lib/postgresql")
            ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).LastOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
            : null;
        if (binaries is null) throw new InvalidOperationException("PostgreSQL is not installed: apt-get install -y postgresql");

        var cluster = new PostgresCluster(Directory.CreateTempSubdirectory("ph-pg-").FullName, binaries);
        AppDomain.CurrentDomain.ProcessExit += (_, _) => cluster.Stop();
        if (Environment.IsPrivilegedProcess) Run("chown", "postgres", cluster.directory!);
        cluster.AsOwner("initdb", "-D", $"{cluster.directory}/data", "-U", "poolhouse", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync");
        cluster.AsOwner("pg_ctl", "-D", $"{cluster.directory}/data", "-w", "-l", $"{cluster.directory}/log", "-o",
            $"-c fsync=off -c listen_addresses='' -c unix_socket_directories={cluster.directory} -c max_connections=300", "start");
        return cluster;
    }

    void Stop()
    {
        if (!Directory.Exists(directory)) return;
        AsOwner("pg_ctl", "-D", $"{directory}/data", "-m", "immediate", "stop");
        Directory.Delete(directory!, recursive: true);
    }

    // The pool is small: two processors serve these tests, and many databases are open at once.
    string Text(string database) =>
        $"Host={directory};Username=poolhouse;Database={database};Maximum Pool Size=20;Timeout=30;Max Auto Prepare=50";

    void AsOwner(string program, params string[] arguments)
    {
        // initdb refuses root.
        if (Environment.IsPrivilegedProcess) Run("runuser", ["-u", "postgres", "--", $"{binaries}/{program}", .. arguments]);
        else Run($"{binaries}/{program}", arguments);
    }

    static void Run(string program, params string[] arguments)
    {
        // To a file descriptor that the server may keep: reading its pipe would wait for the server's end.
        var start = new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$@\" >/dev/null 2>&1", program, .. arguments]) { WorkingDirectory = "/" };
        using var process = Process.Start(start)!;
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}");
    }
}
