using System.Runtime.CompilerServices;

// Most of them wait for clocks: a token that runs out, a claim that falls silent.
[assembly: Xunit.v3.Parallelization(MaxThreads = 3)]

namespace Poolhouse.Bff.Tests.Actors;

/// <summary>Several nodes and their provider live in this one process, and SQLite blocks a thread while it waits for another's write: each would have threads of its own.</summary>
static class Threads
{
    [ModuleInitializer]
    internal static void GiveEnough() => ThreadPool.SetMinThreads(64, 64);
}
