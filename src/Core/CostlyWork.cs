using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Poolhouse.Core;

/// <summary>
/// Runs what makes a sign-in costly: password hashes and modular exponentiations. It has threads of its own, one for each
/// core and all below everything else, and a bounded number of pieces may wait: a flood of sign-ins takes the time that
/// refreshes leave, and is refused when it is too much (security.md C21).
/// </summary>
public sealed class CostlyWork : IDisposable
{
    const int Waiting = 128;
    // A tenth of a core stays for sign-ins when the rest of the server wants all of it.
    const int Niceness = 10;

    readonly BlockingCollection<Action> queue = new(Waiting);

    /// <summary>Starts the threads.</summary>
    public CostlyWork()
    {
        for (var i = 0; i < Environment.ProcessorCount; i++) new Thread(WorkOff) { IsBackground = true, Name = "costly work" }.Start();
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
        LowerPriority();
        foreach (var piece in queue.GetConsumingEnumerable()) piece();
    }

    // The runtime sets thread priorities on Windows only. Linux has one for each thread; elsewhere setpriority is for the whole process.
    static void LowerPriority()
    {
        if (OperatingSystem.IsLinux()) _ = SetPriority(which: 0, who: 0, Niceness);
        else Thread.CurrentThread.Priority = ThreadPriority.BelowNormal;
    }

    [DllImport("libc", EntryPoint = "setpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    static extern int SetPriority(int which, int who, int priority);
}
