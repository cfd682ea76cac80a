using Poolhouse.Server.Outbound;
using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>Gives the streams that have something to push their turns. While there is no enabled push stream it sleeps; with one it looks when the feed grows.</summary>
sealed class Pusher(Database database, SsfDeliveryStore deliveries, PushTurn turn, ILogger<Pusher> log) : BackgroundService
{
    readonly Turns turns = new("the streams of security events", mostAtOnce: 32, log);

    public override void Dispose()
    {
        base.Dispose();
        turns.Dispose();
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        database.Changes.Watch(SsfStreamStore.Changed, _ => turns.Ring());
        database.Changes.Watch(RevocationStore.Appended, _ =>
        {
            if (!turns.Asleep) turns.Ring();
        });
        // Turns end with the host and give their leases back.
        return turns.Run(Due, turn.Run, stoppingToken);
    }

    async Task<List<string>?> Due(int most, CancellationToken stop) => await deliveries.Pushes(stop) ? await deliveries.Due(most, stop) : null;
}
