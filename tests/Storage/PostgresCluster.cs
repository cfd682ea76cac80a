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
        await Run(cluster.Text("postgres"), $"create database {name} template template0");
        return cluster.Text(name);
    }

    /// <summary>One statement on a connection of its own, and the value that it yields.</summary>
    public static async Task<object?> Run(string connection, string sql)
    {
        await using var source = new NpgsqlSlimDataSourceBuilder(connection).Build();
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    /// <summary>A cluster of its own, for a test that stops it; the connection string of its first database is <see cref="Primary"/>.</summary>
    public static Task<PostgresCluster> Another() => Task.Run(Start);

    public string Primary => Text("postgres");

    /// <summary>The standby that <see cref="FollowBy"/> started.</summary>
    public string Standby => Text("postgres") + ";Port=5433";

    /// <summary>Starts a standby of this cluster.</summary>
    public void FollowBy()
    {
        AsOwner("pg_basebackup", "-h", directory!, "-U", "poolhouse", "-D", $"{directory}/standby", "-R", "-c", "fast", "--no-sync", "-X", "stream");
        Serve("standby", "-c port=5433");
    }

    /// <summary>Both in one connection string, the standby first.</summary>
    public string Both => Text("postgres").Replace($"Host={directory}", $"Host={directory}:5433,{directory}:5432", StringComparison.Ordinal);

    /// <summary>The primary is lost, and the standby takes its place.</summary>
    public void FailOver()
    {
        Halt("data");
        Promote();
    }

    /// <summary>The standby becomes a primary, whatever the other does.</summary>
    public void Promote() => AsOwner("pg_ctl", "-D", $"{directory}/standby", "-w", "promote");

    public void Halt(string data = "data") => AsOwner("pg_ctl", "-D", $"{directory}/{data}", "-m", "immediate", "stop");

    /// <summary>The primary is there again.</summary>
    public void Resume() => Serve("data", "");

    public ValueTask DisposeAsync()
    {
        // The fixture stands for the one that all tests share.
        if (directory is not null) Stop();
        else if (Started.IsValueCreated) Started.Value.Stop();
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
        cluster.Serve("data", "");
        return cluster;
    }

    void Stop()
    {
        if (!Directory.Exists(directory)) return;
        foreach (var data in (string[])["data", "standby"])
            if (File.Exists($"{directory}/{data}/postmaster.pid")) Halt(data);
        Directory.Delete(directory!, recursive: true);
    }

    void Serve(string data, string options) => AsOwner("pg_ctl", "-D", $"{directory}/{data}", "-w", "-l", $"{directory}/{data}.log", "-o",
        $"-c fsync=off -c listen_addresses='' -c unix_socket_directories={directory} -c max_connections=300 {options}", "start");

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
