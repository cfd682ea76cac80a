using System.CommandLine;

namespace Poolhouse.Server.Commands;

/// <summary>`poolhouse serve`: production; SigV4 is verified, nothing is seeded.</summary>
static class ServeCommand
{
    public static Command Create()
    {
        var config = Host.ConfigOption();
        var command = new Command("serve", "Run the server for production. Settings: docs/reference/settings.md.") { config };
        command.SetAction((parsed, cancel) => Host.Guarded(() => Run(parsed.GetValue(config), cancel)));
        return command;
    }

    static async Task Run(FileInfo? config, CancellationToken cancel)
    {
        var settings = Host.ReadSettings(config);
        Listening.CheckPublicUrl(settings.Server);
        await using var app = await PoolhouseServer.Build(new(settings), TimeProvider.System, Host.NewKey, cancel: cancel);
        await app.StartAsync(cancel);
        app.Logger.LogInformation("Poolhouse serves {PublicUrl} on {Listen}", settings.Server.PublicUrl, settings.Server.Listen);
        await Host.UntilStopped(app, cancel);
    }
}
