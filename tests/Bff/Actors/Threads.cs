using System.Runtime.CompilerServices;

namespace Poolhouse.Bff.Tests.Actors;

/// <summary>Several nodes and their provider live in this one process, and SQLite blocks a thread while it waits for another's write: each would have threads of its own.</summary>
static class Threads
{
    [ModuleInitializer]
    internal static void GiveEnough() => ThreadPool.SetMinThreads(64, 64);
}
