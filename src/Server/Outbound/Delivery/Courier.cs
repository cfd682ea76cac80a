using System.Security.Cryptography;
using Poolhouse.Core;
using Poolhouse.Storage;

namespace Poolhouse.Server.Outbound.Delivery;

/// <summary>
/// Delivers what the <see cref="Postbox"/> has taken, outside of requests: each lane for itself, each message at least once, with growing
/// pauses until what it carries is worth nothing any more. What was not delivered stays to be seen (`poolhouse messages`).
/// </summary>
sealed partial class Courier(Database database, MessageStore messages, IEnumerable<ICarrier> carriers, PostboxOptions options, Telemetry telemetry, ILogger<Courier> log) : BackgroundService
{
    // Longer than any carrier takes: after it, whoever claimed a message is believed to be gone.
    static readonly TimeSpan Claim = TimeSpan.FromMinutes(2);
    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(2);
    static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    // How long a stopping server waits for what is on its way; hosts kill after ten seconds.
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var late = new CancellationTokenSource();
        await using var stopping = stoppingToken.Register(() => late.CancelAfter(Farewell));
        await Task.WhenAll(carriers.Select(carrier => Serve(carrier, late.Token, stoppingToken)));
    }

    async Task Serve(ICarrier carrier, CancellationToken late, CancellationToken stop)
    {
        using var turns = new Turns($"the {carrier.Lane} lane", carrier.AtOnce, log);
        database.Changes.Watch(MessageStore.Posted, lane =>
        {
            if (lane == carrier.Lane) turns.Ring();
        });
        async Task<List<string>?> Due(int most, CancellationToken cancel)
        {
            var due = await messages.Due(carrier.Lane, most, cancel);
            telemetry.Due(carrier.Lane, due.Count);
            return due;
        }
        await turns.Run(Due, (id, _) => Deliver(carrier, id, late), stop);
    }

    async Task Deliver(ICarrier carrier, string id, CancellationToken cancel)
    {
        if (await messages.Claim(id, Claim) is not { } message) return;
        try
        {
            var content = message.Message ?? throw new UndeliveredException("it was sealed under a master key that is gone") { Final = true };
            if (content.Until <= database.Now) throw new UndeliveredException("what it carries has expired") { Final = true };
            await carrier.Carry(message, content, cancel);
            await messages.Delivered(message, options.KeepsAll);
            telemetry.Delivered(carrier.Lane, "taken");
            if (message.Tries > 1) Recovered(id, content.Kind, content.Pool, carrier.Lane, message.Tries);
        }
        catch (UndeliveredException undelivered)
        {
            await Failed(carrier, message, undelivered);
        }
        catch (OperationCanceledException)
        {
            await messages.Release(message);
        }
        catch (Exception fault)
        {
            // A fault of ours must neither lose the message nor send it every second.
            await Failed(carrier, message, new($"{fault.GetType().Name}, see the log", fault));
            throw;
        }
    }

    async Task Failed(ICarrier carrier, QueuedMessage message, UndeliveredException why)
    {
        var (kind, pool) = (message.Message?.Kind ?? "?", message.Message?.Pool ?? "?");
        var dueAt = database.Now + Pause(message.Tries);
        if (why.Final || message.Message is not { } content || content.Until <= dueAt)
        {
            await messages.Failed(message, why.Message, dueAt: null);
            telemetry.Delivered(carrier.Lane, "given_up");
            GivenUp(message.Id, kind, pool, carrier.Lane, message.Tries, why.Message);
            return;
        }
        await messages.Failed(message, why.Message, dueAt);
        telemetry.Delivered(carrier.Lane, "postponed");
        Postponed(message.Id, kind, pool, carrier.Lane, message.Tries, why.Message, DateTimeOffset.FromUnixTimeMilliseconds(dueAt));
    }

    // Four times as long after each try; a fifth up or down, so that what failed together does not come back in one instant.
    static long Pause(long tries)
    {
        var pause = Math.Min(FirstPause.Ms() << (int)Math.Min(2 * (tries - 1), 20), LongestPause.Ms());
        return pause * RandomNumberGenerator.GetInt32(80, 121) / 100;
    }

    [LoggerMessage(7111, LogLevel.Warning, "Message {Id} ({Kind}, pool {Pool}) was not taken by {Lane} at try {Tries}: {Trouble}; next try {DueAt:u}")]
    partial void Postponed(string id, string kind, string pool, string lane, long tries, string trouble, DateTimeOffset dueAt);

    [LoggerMessage(7112, LogLevel.Error, "Message {Id} ({Kind}, pool {Pool}) was given up by {Lane} after try {Tries}: {Trouble}; `poolhouse messages retry` sends it again")]
    partial void GivenUp(string id, string kind, string pool, string lane, long tries, string trouble);

    [LoggerMessage(7113, LogLevel.Information, "Message {Id} ({Kind}, pool {Pool}) was taken by {Lane} at try {Tries}")]
    partial void Recovered(string id, string kind, string pool, string lane, long tries);
}
