using System.CommandLine;
using Poolhouse.Core.Keys;
using Poolhouse.Storage;

namespace Poolhouse.Server.Commands;

/// <summary>`poolhouse messages`: what could not be delivered yet, and why; works beside a running server.</summary>
static class MessagesCommand
{
    const int Most = 1000;

    public static Command Create() => new("messages", "Look at e-mail and text messages that were not delivered, and send them again.") { ListMessages(), RetryMessages() };

    static Command ListMessages()
    {
        var config = Host.ConfigOption();
        var command = new Command("list", "List the messages that wait or were given up, the oldest first. Addresses are masked, codes are not shown.") { config };
        command.SetAction((parsed, cancel) => Run(parsed.GetValue(config), async messages =>
        {
            var waiting = await messages.Undelivered(Most, cancel);
            foreach (var one in waiting) await Console.Out.WriteLineAsync(Line(one));
            await Console.Out.WriteLineAsync(waiting.Count switch { 0 => "Nothing waits.", Most => $"The first {Most} are shown.", var count => $"{count} not delivered." });
        }, cancel));
        return command;
    }

    static Command RetryMessages()
    {
        var config = Host.ConfigOption();
        var id = new Argument<string?>("id") { Description = "The message; without one, all that failed.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("retry", "Try messages that failed again now, those that were given up too. What has expired is not sent.") { config, id };
        command.SetAction((parsed, cancel) => Run(parsed.GetValue(config), async messages =>
        {
            var due = await messages.Retry(parsed.GetValue(id));
            if (due == 0 && parsed.GetValue(id) is not null) throw new StorageException("There is no message with this id that failed.");
            await Console.Out.WriteLineAsync($"{due} due now; a running server tries them within a second.");
        }, cancel));
        return command;
    }

    static string Line(QueuedMessage queued)
    {
        var message = queued.Message;
        var next = queued.DueAt is { } due ? $"next {Time(due)}" : "given up";
        return $"{queued.Id}  {(message is null ? "unreadable" : $"{Time(message.At)}  {message.Pool}  {message.Kind}  {message.To.Masked}")}  {queued.Lane}  tries {queued.Tries}  {next}  {queued.Trouble}".TrimEnd();
    }

    static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("u");

    static Task<int> Run(FileInfo? config, Func<MessageStore, Task> work, CancellationToken cancel) => Host.Beside(
        config, opened => work(new(opened.Database, new Sealing(opened.Root))), cancel);
}
