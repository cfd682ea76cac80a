using Poolhouse.Core;

namespace Poolhouse.Storage.Engines;

/// <summary>One caller's work in a group commit, and how it went.</summary>
abstract class Member(bool evenIfFull)
{
    public bool EvenIfFull { get; } = evenIfFull;

    /// <summary>Why this member failed while the others of its group went on; told after the commit, like every result.</summary>
    public Exception? Fault { get; set; }

    public IReadOnlyList<Change> Changed { get; protected set; } = [];

    /// <summary>Runs the work and keeps its result; throws what it throws. May be called again after a rollback.</summary>
    public abstract void Run(Tx tx);

    public abstract void Done();

    public abstract void Fail(Exception error);

    /// <summary>What a caller is told when its work failed.</summary>
    public static Exception Told(Exception error, Dialect dialect) => error switch
    {
        RefusedException => new InvalidOperationException(
            "A refusal left a write and rolled back what it was about. Return an outcome and refuse after the commit.", error),
        StorageException => error,
        _ => dialect.Classify(error) switch
        {
            Failure.Full => new StorageFullException(error),
            Failure.Unavailable or Failure.Conflict => new StorageUnavailableException("The database could not take the write.", error),
            _ => error,
        },
    };
}

/// <inheritdoc cref="Member"/>
sealed class Member<T>(Func<Tx, Task<T>> work, bool evenIfFull) : Member(evenIfFull)
{
    // Continuations run elsewhere: the writing thread only writes.
    readonly TaskCompletionSource<T> told = new(TaskCreationOptions.RunContinuationsAsynchronously);
    T? result;

    public Task<T> Task => told.Task;

    public override void Run(Tx tx)
    {
        var running = tx.Run(work);
        if (!running.IsCompleted)
        {
            // It goes on somewhere; its transaction is closed, so that it can only fail, and nobody waits for it.
            running.ContinueWith(static t => t.Exception, CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            throw new InvalidOperationException(Tx.HoldsSqlOnly);
        }
        result = running.GetAwaiter().GetResult();
        Changed = tx.Changed;
    }

    public override void Done() => told.TrySetResult(result!);

    public override void Fail(Exception error) => told.TrySetException(error);
}
