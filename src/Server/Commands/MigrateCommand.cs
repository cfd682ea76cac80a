using System.CommandLine;
using Microsoft.Extensions.Logging.Abstractions;
using Poolhouse.Storage;

namespace Poolhouse.Server.Commands;

/// <summary>`poolhouse migrate`: brings the schema up to date, for those who do not want `serve` to do it.</summary>
static class MigrateCommand
{
    public static Command Create()
    {
        var config = Host.ConfigOption();
        var command = new Command("migrate", "Bring the database schema up to date and end.") { config };
        command.SetAction((parsed, cancel) => Host.Guarded(async () =>
        {
            var settings = Host.ReadSettings(parsed.GetValue(config));
            await using var database = await Database.Open(settings.Storage, new Opening(), TimeProvider.System, NullLogger<Database>.Instance, cancel);
            await Console.Out.WriteLineAsync("The schema is up to date.");
        }));
        return command;
    }
}
