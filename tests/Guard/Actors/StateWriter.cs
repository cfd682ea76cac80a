using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>This program in another role: it writes a guard's state again and again, until it is killed.</summary>
static class StateWriter
{
    public const string Flag = "--write-guard-state";

#pragma warning disable CA2255 // The entry point is the test runner's.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Run()
    {
        if (Environment.GetCommandLineArgs() is not [_, Flag, var directory]) return;
        var disk = new GuardState(directory, new(new LogBook()));
        for (var count = 1000; ; count = count % 20_000 + 1000)
        {
            var entries = Enumerable.Range(0, count).Select(at => new Revocation(at, RevocationKind.Session, TokenForge.NewSession(), 100));
            disk.KeepRevocations(new(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), count), 0, entries);
            if (count == 1000) Console.WriteLine("writing");
        }
    }
}
