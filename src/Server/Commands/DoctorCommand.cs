using System.CommandLine;
using Poolhouse.Server.Commands.Checks;
using Poolhouse.Storage;

namespace Poolhouse.Server.Commands;

/// <summary>`poolhouse doctor`: looks at everything that a server needs, and says what is wrong and how to mend it. It changes nothing and sends nothing.</summary>
static class DoctorCommand
{
    public static Command Create()
    {
        var config = Host.ConfigOption();
        var command = new Command("doctor", "Check settings, data, clock, keys, the public address, mail and webhooks. Ends with 1 if anything fails.") { config };
        command.SetAction((parsed, cancel) => Run(parsed.GetValue(config), cancel));
        return command;
    }

    static async Task<int> Run(FileInfo? config, CancellationToken cancel)
    {
        Settings settings;
        try
        {
            settings = Host.ReadSettings(config);
        }
        catch (Exception wrong) when (wrong is InvalidOperationException or IOException or InvalidDataException or FormatException or UnauthorizedAccessException)
        {
            return await Say([Finding.Fail("settings", Finding.Line(wrong))]);
        }
        var failed = await Say(SettingsChecks.Of(settings, TimeProvider.System.GetUtcNow()));
        failed |= await Say(DataChecks.Of(settings));
        var storage = new StorageChecks(settings);
        failed |= await Say(await storage.Run(cancel));
        failed |= await Say(await Address(settings, storage.Found, cancel));
        return failed | await Say(await OutboundChecks.Run(settings, cancel));
    }

    static async Task<List<Finding>> Address(Settings settings, StoredPool? found, CancellationToken cancel)
    {
        if (!Uri.TryCreate(settings.Server.PublicUrl, UriKind.Absolute, out _)) return [];
        using var address = new AddressChecks(settings.Server);
        return await address.Run(found, cancel);
    }

    // 1 if a line says FAIL, which is the exit code.
    static async Task<int> Say(IEnumerable<Finding> findings)
    {
        var failed = 0;
        foreach (var finding in findings)
        {
            await Console.Out.WriteLineAsync(finding.ToString());
            if (finding.Grade == Grade.Fail) failed = 1;
        }
        return failed;
    }
}
