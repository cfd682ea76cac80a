using System.CommandLine;
using Poolhouse.Core.Keys;
using Poolhouse.Storage;

namespace Poolhouse.Server.Commands;

/// <summary>`poolhouse access-key`: the keys that sign administrative calls to `serve`; works beside a running server.</summary>
static class AccessKeyCommand
{
    public static Command Create() => new("access-key", "Manage the access keys that sign administrative API calls (SigV4).")
        { CreateKey(), ListKeys(), DeleteKey() };

    static Command CreateKey()
    {
        var config = Host.ConfigOption();
        var actions = new Option<string[]>("--action") { Description = "An operation that the key may call; may be repeated. Without one: all.", HelpName = "name" };
        var pools = new Option<string[]>("--pool") { Description = "A user pool that the key may touch; may be repeated. Without one: all.", HelpName = "id" };
        var command = new Command("create", "Create an access key and print its secret, once.") { config, actions, pools };
        command.SetAction((parsed, cancel) => Run(parsed.GetValue(config), async (keys, now) =>
        {
            var policy = new AccessPolicy(Or(parsed.GetValue(actions)), Or(parsed.GetValue(pools)));
            var key = AccessKey.Create(policy, now);
            if (!await keys.Create(key)) throw new StorageException("The key id is taken; try again.");
            await Console.Out.WriteLineAsync($"aws_access_key_id = {key.Id}\naws_secret_access_key = {key.Secret.Reveal()}");
        }, cancel));
        return command;
    }

    static Command ListKeys()
    {
        var config = Host.ConfigOption();
        var command = new Command("list", "List the access keys.") { config };
        command.SetAction((parsed, cancel) => Run(parsed.GetValue(config), async (keys, _) =>
        {
            foreach (var key in await keys.List(cancel))
                await Console.Out.WriteLineAsync(
                    $"{key.Id}  {DateTimeOffset.FromUnixTimeMilliseconds(key.CreatedAt):u}  actions {string.Join(',', key.Policy.Actions)}  pools {string.Join(',', key.Policy.Pools)}");
        }, cancel));
        return command;
    }

    static Command DeleteKey()
    {
        var config = Host.ConfigOption();
        var id = new Argument<string>("id") { Description = "The access key id." };
        var command = new Command("delete", "Delete an access key; calls signed with it are refused within a second.") { config, id };
        command.SetAction((parsed, cancel) => Run(parsed.GetValue(config), async (keys, _) =>
        {
            if (!await keys.Delete(parsed.GetValue(id)!)) throw new StorageException("There is no access key with this id.");
            await Console.Out.WriteLineAsync("Deleted.");
        }, cancel));
        return command;
    }

    static string[] Or(string[]? given) => given is { Length: > 0 } ? given : ["*"];

    static Task<int> Run(FileInfo? config, Func<AccessKeyStore, long, Task> work, CancellationToken cancel) => Host.Beside(
        config, opened => work(new(opened.Database, new Sealing(opened.Root)), opened.Database.Now), cancel);
}
