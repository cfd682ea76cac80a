using System.Data.Common;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;
using Poolhouse.Core;

namespace Poolhouse.Storage.Engines;

/// <summary>PostgreSQL: any number of nodes over one database, a write is a plain transaction.</summary>
sealed class PostgresEngine : IEngine
{
    const int Retries = 3;

    readonly PostgresHosts hosts;
    readonly NpgsqlDataSource source;
    readonly DatabaseClock? clock;
    readonly TimeProvider time;
    int writing;
    readonly Notifications? notifications;

    PostgresEngine(PostgresHosts hosts, DatabaseClock? clock, Notifications? notifications, TimeProvider time)
    {
        this.hosts = hosts;
        source = hosts.Primary;
        this.clock = clock;
        this.notifications = notifications;
        this.time = time;
    }

    public Dialect Dialect => Dialect.Postgres;

    public long Now => clock?.Now ?? time.UnixMs();

    public string? NotReady => clock?.NotReady;

    public int Waiting => Volatile.Read(ref writing);

    public Action<IReadOnlyList<Change>> Announced
    {
        private get;
        set
        {
            field = value;
            if (notifications is not null) notifications.Heard = value;
        }
    } = _ => { };

    public static async Task<PostgresEngine> Open(
        StorageOptions options, Opening opening, TimeProvider time, ILogger log, CancellationToken cancel)
    {
        var hosts = PostgresHosts.Of(options.ConnectionString!);
        var clock = opening.DatabaseClock ? new DatabaseClock(hosts, time, log) : null;
        // A short command has nobody to wake it; what it changes is found by polling.
        var notifications = opening.Mode == OpenMode.Exclusive ? new Notifications(hosts.Primary, log) : null;
        var engine = new PostgresEngine(hosts, clock, notifications, time);
        try
        {
            await using (var connection = await hosts.Primary.OpenConnectionAsync(cancel))
            {
                await CheckServer(connection, cancel);
                await Migrator.Run(connection, Dialect.Postgres, Migrator.Known, time.UnixMs(), () => opening.Mode == OpenMode.Exclusive, cancel);
            }
            if (clock is not null) await clock.Start(cancel);
            if (opening.Mode == OpenMode.Exclusive) await engine.CheckMark(opening.Kind);
            notifications?.Start();
            return engine;
        }
        catch (Exception e)
        {
            await engine.DisposeAsync();
            if (e is NpgsqlException) throw new StorageException($"The PostgreSQL database cannot be opened: {e.Message}", e);
            throw;
        }
    }

    public async ValueTask<Reader> Reader(CancellationToken cancel) => new(await source.OpenConnectionAsync(cancel));

    public async Task<T> Write<T>(Func<Tx, Task<T>> work, bool evenIfFull)
    {
        Interlocked.Increment(ref writing);
        try
        {
            return await Retried(work);
        }
        finally
        {
            Interlocked.Decrement(ref writing);
        }
    }

    async Task<T> Retried<T>(Func<Tx, Task<T>> work)
    {
        for (var attempt = 0; ; attempt++)
        {
            Tx? tx = null;
            var committing = false;
            try
            {
                await using var write = await PostgresWrite.Begin(source);
                tx = new Tx(new Statements(write.Connection, write.Transaction, keep: false), Dialect, Now, bound: false);
                var result = await tx.Run(work);
                tx.Close();
                committing = true;
                await write.Commit();
                return result;
            }
            catch (Exception e) when (attempt < Retries && Dialect.Classify(e) == Failure.Conflict)
            {
                // Two that deadlocked must not meet again in step.
                await Task.Delay(RandomNumberGenerator.GetInt32(1, 10 << attempt));
            }
            catch (Exception e)
            {
                if (Member.Told(e, Dialect) is var told && told != e) throw told;
                throw;
            }
            finally
            {
                tx?.Close();
                // Also when the commit's reply was lost: it may have happened, and forgetting too much does no harm.
                if (committing && tx!.Changed is { Count: > 0 } changed)
                {
                    Announced(changed);
                    notifications?.Send(changed);
                }
            }
        }
    }

    public async Task<string?> Lineage(CancellationToken cancel)
    {
        // A promoted standby starts a new timeline, and so does a base backup that is restored to a point in time. The name of the
        // WAL file says so at once; pg_control_checkpoint() only after the next checkpoint, which takes minutes under load.
        var timeline = await Text("select left(pg_walfile_name(pg_current_wal_lsn()), 8) where not pg_is_in_recovery()", cancel);
        return timeline is null ? null : $"{await Identifier(cancel)}/{timeline}";
    }

    async Task<string?> Identifier(CancellationToken cancel)
    {
        try
        {
            return await Text("select system_identifier::text from pg_control_system()", cancel);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            // Then a dump that was restored into another cluster is not noticed by itself; `poolhouse restored` says it.
            return null;
        }
    }

    async Task<string?> Text(string sql, CancellationToken cancel)
    {
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync(cancel) as string;
    }

    public async ValueTask DisposeAsync()
    {
        if (notifications is not null) await notifications.DisposeAsync();
        if (clock is not null) await clock.DisposeAsync();
        await hosts.DisposeAsync();
    }

    static async Task CheckServer(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "select current_setting('server_encoding'), current_setting('synchronous_commit')";
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        if (reader.GetString(0) != "UTF8")
            throw new StorageException($"The PostgreSQL database has the encoding {reader.GetString(0)}; create one with UTF8.");
        if (reader.GetString(1) == "off")
            throw new StorageException("synchronous_commit is off: a revocation that was confirmed could be lost. Set it to on.");
    }

    async Task CheckMark(DirectoryKind kind)
    {
        var wanted = kind == DirectoryKind.Dev ? "dev" : "serve";
        var found = await Write(tx => Meta.InsertOrRead(tx, "made-for", wanted), evenIfFull: false);
        if (found != wanted)
            throw new StorageException($"The database was made by `poolhouse {found}`; `poolhouse {wanted}` does not use it. Give it a database of its own.");
    }
}
