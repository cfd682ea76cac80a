using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Poolhouse.Core;

/// <summary>What the server counts and measures (docs/reference/metrics.md). Labels are names of ours and ids of clients, never of users.</summary>
public sealed class Telemetry : IDisposable
{
    /// <summary>The name of the meter and of the source of traces.</summary>
    public const string Name = "Poolhouse";

    /// <summary>Traces: a span for a sign-in, a refresh, a call of a function, below the one of its request.</summary>
    public static readonly ActivitySource Traces = new(Name);

    readonly Counter<long> issued;
    readonly Counter<long> refused;
    readonly Counter<long> refreshes;
    readonly Counter<long> ended;
    readonly Counter<long> signIns;
    readonly Counter<long> deliveries;
    readonly ConcurrentDictionary<string, int> due = new(StringComparer.Ordinal);

    public Telemetry()
    {
        var meter = Meter = new(Name);
        issued = meter.CreateCounter<long>("poolhouse.tokens.issued", "{set}", "Sets of tokens issued, by grant and client.");
        refused = meter.CreateCounter<long>("poolhouse.tokens.refused", "{request}", "Requests for tokens that were refused, by grant and reason.");
        refreshes = meter.CreateCounter<long>("poolhouse.refreshes", "{refresh}", "Redeemed refresh tokens: plain (rotation off), rotated, repeated (within the grace), reused (the session was ended).");
        ended = meter.CreateCounter<long>("poolhouse.sessions.ended", "{session}", "Ended sessions, by reason.");
        signIns = meter.CreateCounter<long>("poolhouse.sign_ins", "{sign_in}", "Completed sign-ins (ok) and refused ones, by reason.");
        meter.CreateObservableGauge("poolhouse.messages.due", () => due.Select(lane => new Measurement<int>(lane.Value, new KeyValuePair<string, object?>("lane", lane.Key))),
            "{message}", "Messages that could go out now, as many as were looked at, by lane.");
        deliveries = meter.CreateCounter<long>("poolhouse.messages", "{attempt}", "Attempts to deliver messages, by lane: taken, postponed, given_up.");
    }

    /// <summary>The meter, for gauges of what others hold.</summary>
    public Meter Meter { get; }

    public void Issued(string grant, string client) => issued.Add(1, new("grant", grant), new("client", client));

    public void Refused(string grant, string reason) => refused.Add(1, new("grant", grant), new("reason", reason));

    public void Refreshed(string outcome) => refreshes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Ended(string reason, long sessions) => ended.Add(sessions, new KeyValuePair<string, object?>("reason", reason));

    public void SignedIn(string outcome) => signIns.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    public void Due(string lane, int messages) => due[lane] = messages;

    public void Delivered(string lane, string outcome) => deliveries.Add(1, new("lane", lane), new("outcome", outcome));

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();
}
