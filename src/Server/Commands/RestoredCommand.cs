using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Poolhouse.Storage;

namespace Poolhouse.Server.Commands;

/// <summary>`poolhouse restored`: the first step after a backup was put back, before any server starts on it.</summary>
static class RestoredCommand
{
    const string Ended = """
        Everybody must sign in again: the refresh tokens, sign-in cookies and codes of this backup are refused, and so are their
        access tokens where Poolhouse is asked. A session that was revoked after the backup was made stays revoked.
        """;

    const string Kept = """
        Sessions were kept (--keep-sessions). A session that was revoked after the backup was made is ALIVE again: its refresh token
        works. Revoke those that you know of, or run this command without the option.
        """;

    public static Command Create()
    {
        var config = Host.ConfigOption();
        var keep = new Option<bool>("--keep-sessions") { Description = "Leave refresh tokens valid, also of sessions that were revoked after the backup." };
        var command = new Command("restored", "Say that a backup was restored; run it before the servers start again.") { config, keep };
        command.SetAction((parsed, cancel) => Host.Guarded(() => Run(parsed.GetValue(config), parsed.GetValue(keep), cancel)));
        return command;
    }

    static async Task Run(FileInfo? config, bool keepSessions, CancellationToken cancel)
    {
        // With the lock: a server that runs would go on with the keys and the epoch that it has read.
        var opened = await OpenedStorage.Open(
            Host.ReadSettings(config), DirectoryKind.Serve, OpenMode.Exclusive, TimeProvider.System, NullLogger<Database>.Instance, cancel);
        await using var database = opened.Database;
        await database.Write(tx => Restoration.Declare(tx, keepSessions));
        await Console.Out.WriteLineAsync($"""
            The database was restored from a backup.

            {(keepSessions ? Kept : Ended)}
            The revocation feed has a new epoch: its readers fetch everything again and forget nothing that they know.

            Start the servers now. Users, passwords and settings are those of the backup: what was changed, disabled or deleted since must be done again.
            """);
    }
}
