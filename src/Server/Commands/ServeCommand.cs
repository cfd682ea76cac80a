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
        if (settings.Server.PublicUrl is not { } url || !Uri.TryCreate(url, UriKind.Absolute, out var parsed) || parsed.Scheme is not ("http" or "https")
            || parsed.PathAndQuery != "/" || url.EndsWith('/'))
            throw new SettingsException("Server:PublicUrl must be the URL that browsers use, like https://id.example.com: scheme and host, no path, no slash at its end.");
        await using var app = await PoolhouseServer.Build(new(settings), TimeProvider.System, Host.NewKey, cancel: cancel);
        await app.StartAsync(cancel);
        app.Logger.LogInformation("Poolhouse serves {PublicUrl} on {Listen}", url, settings.Server.Listen);
        await app.WaitForShutdownAsync(cancel);
    }
}
