using System.Diagnostics.Metrics;

namespace Poolhouse.Guard;

/// <summary>The numbers of a guard, in a meter that OpenTelemetry can listen to (docs/guide/guard.md lists them).</summary>
sealed class GuardMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Poolhouse.Guard";

    static readonly KeyValuePair<string, object?>[] Outcomes =
        [.. Enum.GetValues<GuardRefusal>().Select(one => KeyValuePair.Create("outcome", (object?)(one == GuardRefusal.None ? "accepted" : one.ToString())))];

    readonly Meter meter;
    readonly Counter<long> checks;
    readonly Counter<long> verifications;
    readonly Counter<long> introspections;

    public GuardMetrics(string issuer, Func<TimeSpan?> lag, Func<int> revocations, Func<RevocationState> state)
    {
        meter = new(new MeterOptions(MeterName) { Tags = [new("issuer", issuer)] });
        checks = meter.CreateCounter<long>("poolhouse.guard.checks", "{check}", "Tokens checked, by outcome.");
        verifications = meter.CreateCounter<long>("poolhouse.guard.verifications", "{verification}", "Signatures verified: checks of tokens that were not remembered.");
        introspections = meter.CreateCounter<long>("poolhouse.guard.introspections", "{request}", "Times the issuer was asked, by answer.");
        meter.CreateObservableGauge("poolhouse.guard.revocation.lag", () => Measured(lag()), "s", "How old the last proof is that no revocation was missed.");
        meter.CreateObservableGauge("poolhouse.guard.revocation.state", () => (int)state(), "{state}", "0 unchecked, 1 fresh, 2 stale, 3 blind.");
        meter.CreateObservableGauge("poolhouse.guard.revocation.entries", revocations, "{entry}", "Revoked sessions, clients and pools that are held in memory.");
    }

    public void Checked(GuardRefusal outcome)
    {
        if (checks.Enabled) checks.Add(1, Outcomes[(int)outcome]);
    }

    public void Verified() => verifications.Add(1);

    public void Introspected(Activity answer) => introspections.Add(1, KeyValuePair.Create("answer", (object?)answer.ToString()));

    public void Dispose() => meter.Dispose();

    static IEnumerable<Measurement<double>> Measured(TimeSpan? lag) => lag is { } known ? [new(known.TotalSeconds)] : [];
}
