using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Data.Sqlite;
using Npgsql;
using Poolhouse.Bff.Redis;
using Poolhouse.Storage.Tests;
using StackExchange.Redis;
using Xunit;

[assembly: AssemblyFixture(typeof(Poolhouse.Bff.Tests.Actors.RedisServer))]

namespace Poolhouse.Bff.Tests.Actors;

/// <summary>Where sessions lie.</summary>
public enum StoreKind
{
    /// <summary>In memory.</summary>
    Memory,

    /// <summary>In a SQLite file.</summary>
    Sqlite,

    /// <summary>In PostgreSQL.</summary>
    Postgres,

    /// <summary>In Redis.</summary>
    Redis,
}

/// <summary>One store that several nodes share, each by a connection of its own.</summary>
sealed class SharedStore : IAsyncDisposable
{
    readonly List<IAsyncDisposable> opened = [];
    readonly StoreKind kind;
    readonly string place;
    readonly Lazy<IBffSessionStore> memory = new(() => Made(new BffOptions()));

    SharedStore(StoreKind kind, string place) => (this.kind, this.place) = (kind, place);

    /// <summary>The file, the connection string or the prefix.</summary>
    public string Place => place;

    public static async Task<SharedStore> Open(StoreKind kind) => new(kind, kind switch
    {
        StoreKind.Sqlite => Path.Combine(Directory.CreateTempSubdirectory("bff-test-").FullName, "sessions.db"),
        StoreKind.Postgres => await PostgresCluster.NewDatabase(),
        StoreKind.Redis => $"t{System.Security.Cryptography.RandomNumberGenerator.GetHexString(16)}:",
        _ => "",
    });

    /// <summary>The store as one more node opens it.</summary>
    public async Task<IBffSessionStore> Node()
    {
        var options = new BffOptions();
        switch (kind)
        {
            case StoreKind.Memory:
                return memory.Value;
            case StoreKind.Sqlite:
                options.UseDatabase(Kept(SqliteFactory.Instance.CreateDataSource($"Data Source={place};Default Timeout=30")));
                break;
            case StoreKind.Postgres:
                options.UseDatabase(Kept(new NpgsqlSlimDataSourceBuilder(place).Build()));
                break;
            case StoreKind.Redis:
                options.UseRedis(Kept(await RedisServer.Connect()), place);
                break;
        }
        return Made(options);
    }

    /// <summary>Everything that is stored, as somebody reads it who has stolen the disk.</summary>
    public async Task<string> Dump()
    {
        switch (kind)
        {
            case StoreKind.Sqlite:
                var files = Directory.GetFiles(Path.GetDirectoryName(place)!);
                return string.Concat(await Task.WhenAll(files.Select(async file => System.Text.Encoding.Latin1.GetString(await ReadShared(file)))));
            case StoreKind.Postgres:
                await using (var source = new NpgsqlSlimDataSourceBuilder(place).Build())
                await using (var command = source.CreateCommand("select string_agg(s::text, '|') from bff_sessions s"))
                    return (string)(await command.ExecuteScalarAsync())!;
            default:
                await using (var redis = await RedisServer.Connect())
                {
                    var keys = redis.GetServers()[0].Keys(pattern: place + "*").ToArray();
                    var all = keys.Select(key => $"{key}={redis.GetDatabase().ScriptEvaluate("return cjson.encode(redis.call(redis.call('TYPE', KEYS[1]).ok == 'hash' and 'HGETALL' or 'SMEMBERS', KEYS[1]))", [key])}");
                    return string.Join('|', all);
                }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in opened) await one.DisposeAsync();
        if (kind == StoreKind.Sqlite) Directory.Delete(Path.GetDirectoryName(place)!, recursive: true);
    }

    T Kept<T>(T one) where T : IAsyncDisposable
    {
        opened.Add(one);
        return one;
    }

    static IBffSessionStore Made(BffOptions options) => options.Store?.Invoke(null!) ?? new Store.MemorySessionStore();

    static async Task<byte[]> ReadShared(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }
}

/// <summary>A Redis of our own, started by the first test that needs it and ended with the run.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    static readonly Lazy<(Process Process, int Port, string Directory)> Started = new(Start);

    public static async Task<ConnectionMultiplexer> Connect()
    {
        var (_, port, _) = await Task.Run(() => Started.Value);
        return await ConnectionMultiplexer.ConnectAsync($"127.0.0.1:{port},connectTimeout=20000,syncTimeout=20000,asyncTimeout=20000,connectRetry=20");
    }

    public ValueTask DisposeAsync()
    {
        if (!Started.IsValueCreated) return default;
        Started.Value.Process.Kill();
        Started.Value.Process.WaitForExit();
        Directory.Delete(Started.Value.Directory, recursive: true);
        return default;
    }

    static (Process, int, string) Start()
    {
        var directory = Directory.CreateTempSubdirectory("bff-redis-").FullName;
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        var start = new ProcessStartInfo("redis-server", ["--port", $"{port}", "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", directory, "--daemonize", "no", "--logfile", "redis.log"]);
        try
        {
            var process = Process.Start(start)!;
            AppDomain.CurrentDomain.ProcessExit += (_, _) => { if (!process.HasExited) process.Kill(); };
            return (process, port, directory);
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException("Redis is not installed: apt-get install -y redis-server", missing);
        }
    }
}
