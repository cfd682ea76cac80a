using Poolhouse.Core;
using Poolhouse.Server.Http;
using Poolhouse.Server.Revocations;
using Poolhouse.Storage;

namespace Poolhouse.Server;

/// <summary>What stands and waits in this node, read when somebody asks for the metrics.</summary>
static class Gauges
{
    public static void Register(IServiceProvider services)
    {
        var meter = services.GetRequiredService<Telemetry>().Meter;
        var (database, costly, feed) = (services.GetRequiredService<Database>(), services.GetRequiredService<CostlyWork>(), services.GetRequiredService<RevocationFeed>());
        meter.CreateObservableGauge("poolhouse.database.writes.waiting", () => database.Waiting, "{write}", "Writes that wait for their turn or their commit.");
        meter.CreateObservableGauge("poolhouse.costly.waiting", () => costly.Queued, "{piece}", "Password hashes and exponentiations that wait; at 128 sign-ins are refused.");
        meter.CreateObservableGauge("poolhouse.feed.readers", () => feed.Readers, "{reader}", "Readers of the revocation feed at this node.");
        meter.CreateObservableGauge("poolhouse.feed.age", () => feed.Age, "s", "Age of the last heartbeat of the feed; readers turn away calls when it is too old. 0 while nobody reads.");
    }
}
