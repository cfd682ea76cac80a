using System.Threading.Channels;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using Poolhouse.Core;

namespace Poolhouse.Storage.Engines;

/// <summary>
/// The one writer of SQLite. Callers queue; one thread takes all that wait into one transaction, a savepoint each,
/// commits once (one fsync for all) and only then tells them. Connections that fight for the lock are twenty times slower.
/// </summary>
sealed class WriteGate : IAsyncDisposable
{
    const int MostTogether = 256;

    readonly Channel<Member> queue = Channel.CreateBounded<Member>(
        new BoundedChannelOptions(4096) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });
    readonly SqliteConnection connection;
    readonly TransactionControl control;
    readonly Statements statements;
    readonly Ballast ballast;
    readonly TimeProvider time;
    readonly ILogger log;
    readonly Action<Exception> fatal;
    readonly Thread thread;
    volatile Exception? broken;

    public WriteGate(SqliteConnection connection, Ballast ballast, TimeProvider time, ILogger log, Action<Exception> fatal)
    {
        this.connection = connection;
        this.ballast = ballast;
        this.time = time;
        this.log = log;
        this.fatal = fatal;
        control = new TransactionControl(connection);
        statements = new Statements(connection, null, keep: true);
        thread = new Thread(Loop) { Name = "poolhouse-writer", IsBackground = true };
        thread.Start();
    }

    public Action<IReadOnlyList<Change>> Committed { get; set; } = _ => { };

    /// <summary>How many writes wait.</summary>
    public int Waiting => queue.Reader.Count;

    /// <summary>Set once the result of a commit is unknown; nothing is written after that.</summary>
    public Exception? Broken => broken;

    public Task<T> Run<T>(Func<Tx, Task<T>> work, bool evenIfFull)
    {
        var member = new Member<T>(work, evenIfFull);
        return queue.Writer.TryWrite(member) ? member.Task : Wait(member);
    }

    /// <summary>Finishes what is queued, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await Task.Run(thread.Join);
        statements.Dispose();
        control.Dispose();
        await connection.DisposeAsync();
    }

    async Task<T> Wait<T>(Member<T> member)
    {
        try
        {
            await queue.Writer.WriteAsync(member);
        }
        catch (ChannelClosedException)
        {
            throw new StorageUnavailableException("The server is stopping.");
        }
        return await member.Task;
    }

    void Loop()
    {
        var group = new List<Member>(MostTogether);
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (group.Count < MostTogether && queue.Reader.TryRead(out var member)) group.Add(member);
            try
            {
                if (group.Count == 1) Alone(group[0]);
                else Together(group);
            }
            catch (Exception e)
            {
                log.LogCritical(e, "The writing thread failed");
                Break(e);
                foreach (var member in group) member.Fail(Unknown(e));
            }
            group.Clear();
        }
    }

    void Together(List<Member> group)
    {
        group.RemoveAll(Refused);
        if (group.Count == 0) return;
        try
        {
            control.Begin();
            foreach (var member in group)
            {
                if (Guarded(member)) continue;
                // SQLite dropped the whole transaction and with it what came before: nothing is known of anyone.
                foreach (var each in group) Alone(each);
                return;
            }
        }
        catch (SqliteException e)
        {
            RollBack();
            foreach (var member in group) member.Fail(Member.Told(e, Dialect.Sqlite));
            return;
        }

        if (Commit() is { } error)
        {
            if (broken is not null) foreach (var member in group) member.Fail(Unknown(error));
            else foreach (var member in group) Alone(member);
            return;
        }
        foreach (var member in group) Tell(member);
    }

    /// <summary>One member inside the group's transaction. False if that transaction is gone.</summary>
    bool Guarded(Member member)
    {
        control.Save();
        member.Fault = Work(member);
        if (!control.InTransaction) return false;
        if (member.Fault is null) control.Release();
        else control.Undo();
        return true;
    }

    /// <summary>One member in a transaction of its own.</summary>
    void Alone(Member member)
    {
        if (Refused(member)) return;
        var error = Try(member);
        if (broken is not null)
        {
            member.Fail(Unknown(error!));
            return;
        }
        if (error is not null && member.EvenIfFull && Dialect.Sqlite.Classify(error) == Failure.Full && ballast.Release())
            error = Try(member);

        if (error is null) Tell(member);
        else member.Fail(broken is null ? Member.Told(error, Dialect.Sqlite) : Unknown(error));
    }

    /// <summary>Null when it is committed.</summary>
    Exception? Try(Member member)
    {
        try
        {
            control.Begin();
        }
        catch (SqliteException e)
        {
            return e;
        }
        member.Fault = null;
        var error = Work(member) ?? Commit();
        if (error is not null) RollBack();
        return error;
    }

    Exception? Work(Member member)
    {
        var tx = new Tx(statements, Dialect.Sqlite, time.UnixMs(), bound: true);
        try
        {
            member.Run(tx);
            return null;
        }
        catch (Exception e)
        {
            return e;
        }
        finally
        {
            tx.Close();
        }
    }

    SqliteException? Commit()
    {
        try
        {
            control.Commit();
            return null;
        }
        catch (SqliteException e)
        {
            // After an I/O error nobody can say whether the pages reached the disk; going on could contradict a reply.
            if (e.SqliteErrorCode == 10) Break(e);
            RollBack();
            return e;
        }
    }

    void Tell(Member member)
    {
        if (member.Fault is not null)
        {
            member.Fail(Member.Told(member.Fault, Dialect.Sqlite));
            return;
        }
        if (member.Changed.Count > 0) Committed(member.Changed);
        member.Done();
    }

    /// <summary>Fails a member that must not be tried now.</summary>
    bool Refused(Member member)
    {
        if (broken is not null) member.Fail(Unknown(broken));
        else if (ballast.Released && !member.EvenIfFull) member.Fail(new StorageFullException());
        else return false;
        return true;
    }

    void RollBack()
    {
        try
        {
            control.Rollback();
        }
        catch (SqliteException e)
        {
            Break(e);      // a connection that cannot even roll back is of no more use
        }
    }

    void Break(Exception error)
    {
        if (broken is not null) return;
        broken = error;
        log.LogCritical(error, "A commit failed and its result is unknown: the server stops");
        fatal(error);
    }

    static StorageUnavailableException Unknown(Exception error) =>
        new("The result of the write is unknown: the disk failed.", error);
}
