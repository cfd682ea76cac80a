using System.CommandLine;
using Poolhouse.Server.Dev;

namespace Poolhouse.Server.Commands;

/// <summary>`poolhouse dev`: for laptops and CI; seeded, on the loopback interface, any well-formed AWS signature passes.</summary>
static class DevCommand
{
    public static Command Create()
    {
        var port = new Option<int>("--port") { Description = "The port to listen on.", DefaultValueFactory = _ => 9229, HelpName = "port" };
        var data = new Option<string>("--data") { Description = "The data directory.", DefaultValueFactory = _ => "./data", HelpName = "directory" };
        var seed = new Option<FileInfo?>("--seed") { Description = "A seed file for the first start: an array of API calls (docs/guide/seed-files.md).", HelpName = "file" };
        var expose = new Option<bool>("--expose") { Description = "Listen on every interface. Everybody who reaches the port is an administrator." };
        var host = new Option<string[]>("--host") { Description = "A further name under which the server may be called.", HelpName = "name" };
        var shortLifetimes = new Option<bool>("--short-lifetimes") { Description = "Lift the lower bounds of token lifetimes, to watch tokens expire." };
        var command = new Command("dev", "Run the development server: seeded, loopback only, with playground and inbox.") { port, data, seed, expose, host, shortLifetimes };
        command.SetAction((parsed, cancel) => Host.Guarded(() => Run(
            new(parsed.GetValue(port), parsed.GetValue(seed)?.FullName, parsed.GetValue(expose), parsed.GetValue(shortLifetimes)),
            parsed.GetValue(data)!, parsed.GetValue(host) ?? [], cancel)));
        return command;
    }

    static async Task Run(DevOptions dev, string data, string[] hosts, CancellationToken cancel)
    {
        var settings = Host.ReadSettings(null);
        settings = settings with
        {
            Storage = settings.Storage with { DataDirectory = data },
            Server = settings.Server with { Hosts = string.Join(',', hosts.Append(settings.Server.Hosts)) },
        };
        await using var app = await PoolhouseServer.Build(new(settings, dev), TimeProvider.System, Host.NewKey, cancel: cancel);
        var seed = app.Services.GetRequiredService<SeedRunner>();
        await seed.RunOnce(cancel);
        await app.StartAsync(cancel);
        if (dev.Expose) await Console.Out.WriteLineAsync("WARNING: --expose: whoever reaches this port can do everything, without a password. For trusted networks only.\n");
        await Console.Out.WriteLineAsync(await Banner.Text(app.Services, data, cancel));
        await Host.UntilStopped(app, cancel);
    }
}
