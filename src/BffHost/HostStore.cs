using System.Data.Common;
using Microsoft.Data.Sqlite;
using Npgsql;
using Poolhouse.Bff;
using Poolhouse.Bff.Redis;
using StackExchange.Redis;

namespace Poolhouse.BffHost;

/// <summary>The store that the settings name, with the connection that it needs; the package itself brings no driver.</summary>
sealed class HostStore(DbDataSource? database, ConnectionMultiplexer? redis) : IAsyncDisposable
{
    public static async Task<HostStore> Open(StoreSettings settings, string? directory)
    {
        switch (settings.Kind)
        {
            case "memory":
                return new(null, null);
            case "sqlite":
                return new(await Sqlite(HostBuilding.At(directory, settings.Path)), null);
            case "postgres":
                return new(new NpgsqlSlimDataSourceBuilder(Text(settings)).Build(), null);
            case "redis":
                var options = ConfigurationOptions.Parse(Text(settings));
                // It is tried again for ever; until then calls get 503.
                options.AbortOnConnectFail = false;
                return new(null, await ConnectionMultiplexer.ConnectAsync(options));
            default:
                throw new HostSettingsException($"Store:Kind is sqlite, postgres, redis or memory, not {settings.Kind}.");
        }
    }

    public void Use(BffOptions options)
    {
        if (database is not null) options.UseDatabase(database);
        if (redis is not null) options.UseRedis(redis);
    }

    public async ValueTask DisposeAsync()
    {
        if (database is not null) await database.DisposeAsync();
        if (redis is not null) await redis.DisposeAsync();
    }

    // WAL, so that a read never waits for a write; it stays with the file.
    static async Task<DbDataSource> Sqlite(string path)
    {
        var source = SqliteFactory.Instance.CreateDataSource(new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 10 }.ToString());
        await using var connection = await source.OpenConnectionAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "pragma journal_mode = wal";
        await command.ExecuteNonQueryAsync();
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return source;
    }

    static string Text(StoreSettings settings) => settings.ConnectionString ?? throw new HostSettingsException($"Store:ConnectionString is missing for {settings.Kind}.");
}
