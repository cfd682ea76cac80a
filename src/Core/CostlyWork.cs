namespace Poolhouse.Core;

/// <summary>
/// Runs what makes a sign-in costly: password hashes and modular exponentiations. Only as many run at a time as there are
/// cores, and a bounded number may wait: a flood of sign-ins is refused before it starves refreshes (security.md C21).
/// </summary>
public sealed class CostlyWork : IDisposable
{
    const int Waiting = 128;

    readonly SemaphoreSlim inFlight = new(Environment.ProcessorCount);
    int waiting;

    /// <summary>Runs a piece of work when its turn comes; refuses at once if too many wait.</summary>
    public async Task<T> Run<T>(Func<T> work, CancellationToken cancel)
    {
        if (Interlocked.Increment(ref waiting) > Waiting)
        {
            Interlocked.Decrement(ref waiting);
            throw new RefusedException(Refusal.Overloaded);
        }
        try
        {
            await inFlight.WaitAsync(cancel);
            try
            {
                return await Task.Run(work, CancellationToken.None);
            }
            finally
            {
                inFlight.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => inFlight.Dispose();
}
