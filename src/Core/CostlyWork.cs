using System.Collections.Concurrent;

namespace Poolhouse.Core;

/// <summary>
/// Runs what makes a sign-in costly: password hashes and modular exponentiations. It has threads of its own, one fewer than there are
/// cores, so that a refresh never stands behind a hash, and a bounded number of pieces may wait: a flood of sign-ins is refused when
/// it is too much (security.md C21). More threads of a lower priority were measured as well, and stalled on a busy machine.
/// </summary>
public sealed class CostlyWork : IDisposable
{
    const int Waiting = 128;

    readonly BlockingCollection<Action> queue = new(Waiting);

    /// <summary>Starts the threads.</summary>
    public CostlyWork()
    {
        for (var i = 0; i < Math.Max(1, Environment.ProcessorCount - 1); i++) new Thread(WorkOff) { IsBackground = true, Name = "costly work" }.Start();
    }

    /// <summary>How many pieces wait.</summary>
    public int Queued => queue.Count;

    /// <summary>Runs a piece of work when its turn comes; refuses at once if too many wait.</summary>
    public Task<T> Run<T>(Func<T> work, CancellationToken cancel)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Piece()
        {
            try
            {
                // Who has hung up by now gets no work done.
                if (cancel.IsCancellationRequested) done.SetCanceled(cancel);
                else done.SetResult(work());
            }
            catch (Exception problem)
            {
                done.SetException(problem);
            }
        }
        return queue.TryAdd(Piece) ? done.Task : throw new RefusedException(Refusal.Overloaded);
    }

    /// <inheritdoc/>
    public void Dispose() => queue.CompleteAdding();

    void WorkOff()
    {
        foreach (var piece in queue.GetConsumingEnumerable()) piece();
    }
}
