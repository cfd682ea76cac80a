using System.Net;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Poolhouse.Core;
using Poolhouse.Storage;

namespace Poolhouse.Server.Http;

/// <summary>Where metrics, traces and logs go, beside standard output.</summary>
/// <param name="Otlp">The URL of an OpenTelemetry collector that takes OTLP over HTTP, like http://localhost:4318; metrics, traces and logs go there.</param>
/// <param name="Metrics">An address like http://127.0.0.1:9464 at which Prometheus finds /metrics and nobody finds anything else. Not for the world: it names app clients.</param>
public sealed record TelemetryOptions(string? Otlp = null, string? Metrics = null)
{
    /// <summary>Metrics as an endpoint, or null.</summary>
    /// <exception cref="FormatException">It is no address.</exception>
    public IPEndPoint? Scraped()
    {
        if (Metrics is null) return null;
        if (!Uri.TryCreate(Metrics, UriKind.Absolute, out var url) || url is not { Scheme: "http", PathAndQuery: "/" })
            throw new FormatException("Telemetry:Metrics must be an address like http://127.0.0.1:9464.");
        var address = url.Host == "localhost" ? IPAddress.Loopback : url.Host is "*" or "+" or "0.0.0.0" ? IPAddress.Any
            : IPAddress.TryParse(url.Host.Trim('[', ']'), out var parsed) ? parsed : throw new FormatException("Telemetry:Metrics must name an address, not a name.");
        return new(address, url.Port);
    }
}

/// <summary>Hands what is counted and traced to OpenTelemetry, if anybody wants it; without a setting nothing of it is loaded.</summary>
static class TelemetryExport
{
    /// <summary>Registers what was configured.</summary>
    /// <exception cref="FormatException">A setting is no URL.</exception>
    public static void Add(IServiceCollection services, TelemetryOptions options)
    {
        if (options is { Otlp: null, Metrics: null }) return;
        options.Scraped();
        var collector = options.Otlp is null ? null : Uri.TryCreate(options.Otlp.TrimEnd('/') + "/", UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
            : throw new FormatException("Telemetry:Otlp must be the http or https URL of an OpenTelemetry collector.");
        var version = typeof(TelemetryExport).Assembly.GetName().Version?.ToString(3);
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("poolhouse", serviceVersion: version))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(Telemetry.Name, DatabaseTelemetry.Name, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
                if (options.Metrics is not null) metrics.AddPrometheusExporter();
                if (collector is not null) metrics.AddOtlpExporter(to => Direct(to, collector, "v1/metrics"));
            });
        if (collector is null) return;
        telemetry
            // A query may hold a code; the instrumentation takes the values of queries out, and that is its default.
            .WithTracing(traces => traces.AddSource(Telemetry.Name, DatabaseTelemetry.Name).AddAspNetCoreInstrumentation().AddOtlpExporter(to => Direct(to, collector, "v1/traces")))
            .WithLogging(logs => logs.AddOtlpExporter(to => Direct(to, collector, "v1/logs")), logs => logs.IncludeFormattedMessage = true);
    }

    /// <summary>Answers at the address of the metrics, and keeps everything else away from it.</summary>
    public static void Map(WebApplication app, TelemetryOptions options)
    {
        if (options.Scraped() is not { Port: var port }) return;
        app.UseOpenTelemetryPrometheusScrapingEndpoint(context => context.Connection.LocalPort == port && context.Request.Path == "/metrics");
        app.Use(async (context, next) =>
        {
            if (context.Connection.LocalPort != port) await next(context);
            else context.Response.StatusCode = StatusCodes.Status404NotFound;
        });
    }

    static void Direct(OtlpExporterOptions exporter, Uri collector, string path)
    {
        exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
        exporter.Endpoint = new(collector, path);
    }
}
