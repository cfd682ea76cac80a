using System.Data.Common;
using System.Runtime.ExceptionServices;

namespace Poolhouse.Storage;

/// <summary>
/// Somebody's transaction. Whoever takes one is inside it: SQL only, no waiting for anything else, and no cancellation,
/// since a client that hangs up must not leave a commit in doubt.
/// </summary>
public sealed class Tx
{
    public const string HoldsSqlOnly = "A write holds SQL only: no HTTP, no hashing, no waiting inside a transaction.";

    readonly Statements statements;
    readonly int? thread;
    List<Change>? changes;
    List<Change>? signals;
    Exception? failed;
    bool closed;

    internal Tx(Statements statements, Dialect dialect, long now, bool bound)
    {
        this.statements = statements;
        Dialect = dialect;
        Now = now;
        if (bound) thread = Environment.CurrentManagedThreadId;
    }

    /// <summary>The time of this transaction in unix milliseconds; it does not move inside it.</summary>
    public long Now { get; }

    public Dialect Dialect { get; }

    /// <summary>Why it is written: the request of whoever asked for this transaction.</summary>
    public Cause? Cause { get; internal set; }

    /// <summary>What is announced after the commit: the change records, and what was only signalled.</summary>
    internal IReadOnlyList<Change> Changed => (changes, signals) switch
    {
        (null, null) => [],
        ({ } one, null) => one,
        (null, { } one) => one,
        var (recorded, signalled) => [.. recorded, .. signalled],
    };

    /// <summary>The first row, or the default of <typeparamref name="T"/> if there is none.</summary>
    public Task<T?> One<T>(string sql, Func<DbDataReader, T> map, params (string Name, object? Value)[] parameters) =>
        Noted(() => statements.One(sql, map, parameters, CancellationToken.None));

    public Task<List<T>> Many<T>(string sql, Func<DbDataReader, T> map, params (string Name, object? Value)[] parameters) =>
        Noted(() => statements.Many(sql, map, parameters, CancellationToken.None));

    /// <summary>Runs one statement; the number of rows it changed is usually the answer.</summary>
    public Task<int> Execute(string sql, params (string Name, object? Value)[] parameters) => Noted(() => statements.Execute(sql, parameters));

    /// <summary>Runs statements that belong together: if the answer is false, what they wrote is undone and the rest of the transaction stands.</summary>
    public async Task<bool> AllOrNothing(Func<Task<bool>> part)
    {
        await Execute("savepoint part");
        var whole = await part();
        if (!whole) await Execute("rollback to savepoint part");
        await Execute("release savepoint part");
        return whole;
    }

    /// <summary>Announces something after the commit and keeps no record of it: whoever must not miss it reads a table of its own.</summary>
    internal void Signal(Change change)
    {
        Check();
        (signals ??= []).Add(change);
    }

    internal void Append(Change change)
    {
        Check();
        (changes ??= []).Add(change);
    }

    /// <summary>
    /// The work and, as the very last statements, its change records: their head row is the last lock of the
    /// transaction, so that commit order is sequence order.
    /// </summary>
    internal async Task<T> Run<T>(Func<Tx, Task<T>> work)
    {
        var result = await work(this);
        // A statement's error ends the transaction on PostgreSQL, and sometimes on SQLite; work that swallowed it has no result.
        if (failed is not null) ExceptionDispatchInfo.Throw(failed);
        if (changes is not null) await Changes.Write(this, changes);
        return result;
    }

    /// <summary>Ends the use of this transaction: work that went on elsewhere must not write into the next one.</summary>
    internal void Close() => closed = true;

    async Task<T> Noted<T>(Func<Task<T>> statement)
    {
        Check();
        try
        {
            return await statement();
        }
        catch (Exception e)
        {
            failed ??= e;
            throw;
        }
    }

    void Check()
    {
        if (failed is not null) throw new InvalidOperationException("A statement of this write has failed: it cannot go on.", failed);
        if (closed || (thread is { } owner && owner != Environment.CurrentManagedThreadId))
            throw new InvalidOperationException(HoldsSqlOnly);
    }
}
