using System.Data.Common;
using Npgsql;

namespace Poolhouse.Storage.Engines;

/// <summary>
/// The PostgreSQL servers of a connection string, of which one is the primary. Where there are several, the primary is whichever
/// says so, and one that a newer primary has replaced is not believed.
/// </summary>
sealed class PostgresHosts : IAsyncDisposable
{
    // PostgreSQL takes 100 connections unless told otherwise, and two nodes must not take them from each other: whoever comes in a
    // burst waits for a connection here, and is not refused there.
    const int MostConnections = 40;

    // A node that freezes in the middle of a write, or whose machine has lost its power, holds locks that all others wait for. A write
    // does SQL only and is idle for moments: after five seconds PostgreSQL ends it.
    const string IdleTimeout = "idle_in_transaction_session_timeout";
    const string Patience = $"-c {IdleTimeout}=5000";

    const string Form = "The connection string is not one of Npgsql's form: `Host=…;Database=…;Username=…;Password=…`.";

    // Read as in PostgresEngine.Lineage; null on a standby.
    const string Timeline = "select ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint where not pg_is_in_recovery()";

    readonly NpgsqlMultiHostDataSource? several;
    long newest;

    PostgresHosts(NpgsqlSlimDataSourceBuilder builder)
    {
        var text = builder.ConnectionStringBuilder;
        if (text.Host?.Contains(',', StringComparison.Ordinal) != true && text.TargetSessionAttributes is null)
        {
            Primary = builder.Build();
            return;
        }
        var target = text.TargetSessionAttributes?.ToLowerInvariant() switch
        {
            null or "primary" => TargetSessionAttributes.Primary,
            "read-write" => TargetSessionAttributes.ReadWrite,
            _ => throw new StorageException("Target Session Attributes must be `primary` or `read-write`: a standby takes no writes."),
        };
        text.TargetSessionAttributes = null;      // Npgsql wants it said below
        builder.UsePhysicalConnectionInitializer(_ => throw new NotSupportedException("Connections are opened asynchronously."), Believe);
        several = builder.BuildMultiHost();
        Primary = several.WithTargetSession(target);
    }

    /// <summary>Connections to the server that takes writes now.</summary>
    public NpgsqlDataSource Primary { get; }

    public static PostgresHosts Of(string connectionString)
    {
        try
        {
            var given = new DbConnectionStringBuilder { ConnectionString = connectionString };
            var builder = new NpgsqlSlimDataSourceBuilder(connectionString);
            builder.EnableTransportSecurity();
            // Planning costs more than running; `Max Auto Prepare=0` turns it off for poolers that cannot.
            if (!given.ContainsKey("Max Auto Prepare")) builder.ConnectionStringBuilder.MaxAutoPrepare = 100;
            // Nothing here changes the state of a session, and a transaction that was left open is rolled back without this: the seven
            // statements that would clear it cost more than a read.
            if (!given.ContainsKey("No Reset On Close")) builder.ConnectionStringBuilder.NoResetOnClose = true;
            if (!given.ContainsKey("Maximum Pool Size") && !given.ContainsKey("MaxPoolSize")) builder.ConnectionStringBuilder.MaxPoolSize = MostConnections;
            // As an option of the connection: what `set` says is forgotten when it goes back to the pool.
            if (builder.ConnectionStringBuilder.Options?.Contains(IdleTimeout, StringComparison.Ordinal) != true)
                builder.ConnectionStringBuilder.Options = $"{builder.ConnectionStringBuilder.Options} {Patience}".TrimStart();
            builder.ConnectionStringBuilder.ApplicationName ??= "poolhouse";
            return new(builder);
        }
        catch (ArgumentException e)
        {
            // The message of the exception can hold a part of the string, and that the password.
            throw new StorageException(Form, e);
        }
    }

    /// <summary>Asks every server anew what it is: a standby of a moment ago may be the primary.</summary>
    public void Forget() => several?.ClearDatabaseStates();

    public async ValueTask DisposeAsync()
    {
        await Primary.DisposeAsync();
        if (several is not null) await several.DisposeAsync();
    }

    /// <summary>
    /// Refuses a primary of an older timeline than the newest seen. It stood still while another was promoted, has not noticed yet,
    /// and would answer reads from a past in which nobody has been revoked since.
    /// </summary>
    async Task Believe(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Timeline, connection);
        // Nor is a standby's connection kept: it would still be there, unasked, when the standby has been promoted.
        if (await command.ExecuteScalarAsync() is not long timeline) throw new NpgsqlException("This server is a standby.");
        var seen = Raise(timeline);
        if (timeline < seen) throw new NpgsqlException($"This server is on timeline {timeline}, and another was promoted to {seen}: it is not the primary any more.");
        // Connections from before the promotion may lead to the one that was replaced.
        if (timeline > seen && seen > 0) several!.Clear();
    }

    /// <summary>The newest timeline that was seen before this one.</summary>
    long Raise(long timeline)
    {
        while (true)
        {
            var seen = Volatile.Read(ref newest);
            if (seen >= timeline || Interlocked.CompareExchange(ref newest, timeline, seen) == seen) return seen;
        }
    }
}
