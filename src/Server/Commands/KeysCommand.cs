using System.CommandLine;
using System.Globalization;
using Poolhouse.Core.Keys;
using Poolhouse.Storage;

namespace Poolhouse.Server.Commands;

/// <summary>`poolhouse keys`: the keys that sign tokens; works beside running servers.</summary>
static class KeysCommand
{
    const string Early = """
        WARNING: verifiers keep the key set that they have, for up to an hour by our headers, and some for longer. Until they fetch it
        again they refuse the new tokens. The old keys go on verifying for a day: if they have leaked, add --withdraw.
        """;

    const string Withdrawn = """
        WARNING: every access and ID token from before is refused as soon as a verifier has fetched the key set again; apps refresh theirs,
        nobody is signed out. A verifier that keeps the old key set believes the old keys for as long: restart those that you can.
        """;

    public static Command Create() => new("keys", "Look at keys and change them: those that sign tokens, and the master key.") { Rotate(), List(), MasterKeyCommand.Create() };

    static Command Rotate()
    {
        var config = Host.ConfigOption();
        var pool = new Option<string?>("--pool") { Description = "The user pool; without one, every pool.", HelpName = "id" };
        var ahead = new Option<TimeSpan>("--ahead")
        {
            Description = "How long the new keys are published before they sign: 24h, 90m, 2d, 0.", HelpName = "duration",
            DefaultValueFactory = _ => TimeSpan.FromHours(24),
            CustomParser = parsed => Duration(parsed.Tokens[0].Value) ?? Refuse(parsed),
        };
        var withdraw = new Option<bool>("--withdraw") { Description = "The keys have leaked: new ones sign at once, and the old ones leave the key set now." };
        var command = new Command("rotate", "Make the next signing keys. The old ones verify until their last token has died.") { config, pool, ahead, withdraw };
        command.SetAction((parsed, cancel) => Run(parsed.GetValue(config), async (pools, keys) =>
        {
            var leaked = parsed.GetValue(withdraw);
            var time = leaked ? TimeSpan.Zero : parsed.GetValue(ahead);
            foreach (var id in await Chosen(pools, parsed.GetValue(pool), cancel))
                await Console.Out.WriteLineAsync($"{id}  {await Rotate(keys, id, time, leaked, cancel)}");
            if (leaked) await Console.Error.WriteLineAsync(Withdrawn);
            else if (time < TimeSpan.FromHours(1)) await Console.Error.WriteLineAsync(Early);
        }, cancel));
        return command;
    }

    static async Task<string> Rotate(SigningKeyStore keys, string pool, TimeSpan ahead, bool withdraw, CancellationToken cancel) =>
        await keys.Rotate(pool, ahead, withdraw) switch
        {
            KeyRotation.Unused => "unchanged: it has no keys yet, they are made when they are first asked for",
            KeyRotation.Waiting => "unchanged: new keys wait already",
            _ when ahead == TimeSpan.Zero => "new keys, which sign from now on",
            _ => $"new keys, published now, which sign from {Time((await keys.Stored(pool, cancel))!.At(long.MaxValue).SignsFrom)}",
        };

    static Command List()
    {
        var config = Host.ConfigOption();
        var pool = new Option<string?>("--pool") { Description = "The user pool; without one, every pool.", HelpName = "id" };
        var command = new Command("list", "List the signing keys by pool, the oldest first.") { config, pool };
        command.SetAction((parsed, cancel) => Run(parsed.GetValue(config), async (pools, keys) =>
        {
            foreach (var id in await Chosen(pools, parsed.GetValue(pool), cancel))
                if (await keys.Stored(id, cancel) is { } ring)
                    foreach (var line in Lines(id, ring, keys.Now)) await Console.Out.WriteLineAsync(line);
        }, cancel));
        return command;
    }

    static IEnumerable<string> Lines(string pool, KeyRing ring, long now) =>
        from pair in ring.Published(now)
        let state = pair.SignsFrom > now ? $"signs from {Time(pair.SignsFrom)}"
            : pair == ring.At(now) ? "signs"
            : $"verifies until {Time(ring.EndOf(pair)!.Value)}"
        from key in (SigningKey[])[pair.Id, pair.Access]
        select $"{pool}  {key.Kid}  {(key.Use == KeyUse.Id ? "id    " : "access")}  made {Time(pair.CreatedAt)}  {state}";

    static async Task<List<string>> Chosen(PoolStore pools, string? one, CancellationToken cancel) =>
        one is null ? await pools.Ids(cancel)
        : await pools.Find(one, cancel) is null ? throw new StorageException("There is no user pool with this id.")
        : [one];

    static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("u");

    static TimeSpan Refuse(System.CommandLine.Parsing.ArgumentResult parsed)
    {
        parsed.AddError("--ahead takes a number and a unit, like 24h, 90m, 2d; or 0.");
        return default;
    }

    // A number with a unit; at most a year, beyond which it is a mistake.
    static TimeSpan? Duration(string text)
    {
        if (text == "0") return TimeSpan.Zero;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return null;
        var seconds = text[^1] switch { 's' => 1L, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => -1 } * number;
        return seconds is >= 0 and <= 366 * 86_400L ? TimeSpan.FromSeconds(seconds) : null;
    }

    static Task<int> Run(FileInfo? config, Func<PoolStore, SigningKeyStore, Task> work, CancellationToken cancel) => Host.Beside(
        config, opened => work(new(opened.Database), new(opened.Database, new Sealing(opened.Root), Host.NewKey)), cancel);
}
