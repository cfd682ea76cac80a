using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Poolhouse.Storage;

namespace Poolhouse.Server.Commands;

/// <summary>`poolhouse keys master`: the database gets another master key; works beside running servers, which go on as they are.</summary>
static class MasterKeyCommand
{
    public static Command Create()
    {
        var config = Host.ConfigOption();
        var from = new Option<FileInfo>("--from") { Description = "The file that holds the old master key.", HelpName = "file", Required = true };
        var command = new Command("master", "Seal the database under the master key of the settings (Keys:Master), in place of an old one. Nobody is signed out.") { config, from };
        command.SetAction((parsed, cancel) => Host.Guarded(() => Run(parsed.GetValue(config), parsed.GetValue(from)!, cancel)));
        return command;
    }

    static async Task Run(FileInfo? config, FileInfo from, CancellationToken cancel)
    {
        var settings = Host.ReadSettings(config);
        var to = MasterKeys.Existing(settings) ?? throw new StorageException("There is no new master key: name it in the settings (Keys:Master).");
        var old = MasterKeys.Read(from.FullName, "--from");
        await using var database = await Database.Open(settings.Storage, new Opening(Mode: OpenMode.Beside), TimeProvider.System, NullLogger<Database>.Instance, cancel);
        await Console.Out.WriteLineAsync(await database.Write(tx => RootKey.Change(tx, old, to)) switch
        {
            MasterKeyChange.WrongKey => throw new StorageException("The key of --from is not the one that this database has."),
            MasterKeyChange.Already => "The database is sealed under the master key of the settings already.",
            _ => """
                The database is sealed under the new master key.

                Every server needs it at its next start. Keep the old key as long as you keep a backup from before: that one opens with the old key only.
                """,
        });
    }
}
