using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Poolhouse.Storage;

/// <summary>How long the database takes; costs nothing while nobody listens.</summary>
public static class DatabaseTelemetry
{
    /// <summary>The name of the meter and of the source of traces.</summary>
    public const string Name = "Poolhouse.Storage";

    static readonly Meter Meter = new(Name);
    static readonly ActivitySource Traces = new(Name);
    static readonly Histogram<double> Duration = Meter.CreateHistogram("poolhouse.database.duration", "s", "Time of a read, or of a write from its request to its commit.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5] });

    static readonly KeyValuePair<string, object?> Read = new("operation", "read");
    static readonly KeyValuePair<string, object?> Write = new("operation", "write");

    internal static Measured OfRead() => new(Traces.StartActivity("database.read"), Read);

    internal static Measured OfWrite() => new(Traces.StartActivity("database.write"), Write);

    /// <summary>One use of the database, until it is disposed of.</summary>
    internal readonly struct Measured(Activity? span, KeyValuePair<string, object?> operation) : IDisposable
    {
        readonly long began = Duration.Enabled ? Stopwatch.GetTimestamp() : 0;

        public void Dispose()
        {
            if (began != 0) Duration.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, operation);
            span?.Dispose();
        }
    }
}
