using System.Net;
using System.Net.Sockets;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests;

/// <summary>What Prometheus and a collector see: counts of what happened, nothing of whom it happened to. A process has one set of counters: nobody else counts meanwhile.</summary>
[Collection(nameof(TelemetryTests)), CollectionDefinition(nameof(TelemetryTests), DisableParallelization = true)]
public class TelemetryTests
{
    [Fact]
    public async Task Prometheus_reads_what_was_decided_and_nobody_s_name()
    {
        var port = FreePort();
        await using var server = await PoolhouseTestServer.Start(settings: settings => settings with { Telemetry = new(Metrics: $"http://127.0.0.1:{port}") });
        var app = await App.Start(server, App.Rotating);
        await app.User("canary-user");
        var refresh = (string)(await app.SignIn("canary-user"))["RefreshToken"]!;
        await app.Refresh(refresh);
        await app.Refresh(refresh);
        await app.Refresh("rubbish");
        await app.TrySignIn("canary-user", "wrong");
        await app.Revoke(refresh);

        var metrics = await server.Http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/metrics"));
        Assert.Equal(1, Value(metrics, "poolhouse_tokens_issued_total", "grant=\"sign_in\"", $"client=\"{app.ClientId}\""));
        Assert.Equal(2, Value(metrics, "poolhouse_tokens_issued_total", "grant=\"refresh_token\""));
        Assert.Equal(1, Value(metrics, "poolhouse_refreshes_total", "outcome=\"rotated\""));
        Assert.Equal(1, Value(metrics, "poolhouse_refreshes_total", "outcome=\"repeated\""));
        Assert.Equal(1, Value(metrics, "poolhouse_tokens_refused_total", "reason=\"RefreshTokenInvalid\""));
        Assert.Equal(1, Value(metrics, "poolhouse_sign_ins_total", "outcome=\"WrongPassword\""));
        Assert.Equal(1, Value(metrics, "poolhouse_sessions_ended_total", "reason=\"Revoked\""));
        Assert.Equal(0, Value(metrics, "poolhouse_database_writes_waiting"));
        Assert.True(Value(metrics, "poolhouse_database_duration_seconds_count", "operation=\"write\"") > 5);
        foreach (var secret in (string[])["canary-user", refresh, "Passw0rd-1"]) Assert.DoesNotContain(secret, metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_but_metrics_is_at_their_address_and_no_metrics_anywhere_else()
    {
        var port = FreePort();
        await using var server = await PoolhouseTestServer.Start(settings: settings => settings with { Telemetry = new(Metrics: $"http://127.0.0.1:{port}") });
        foreach (var path in (string[])["/", "/login", "/oauth2/token", "/dev/inbox", "/healthz"])
            Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync(new Uri($"http://127.0.0.1:{port}{path}"))).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await server.Http.GetAsync(new Uri($"{server.Url}/metrics"))).StatusCode);
    }

    [Theory]
    [InlineData("somewhere"), InlineData("https://127.0.0.1:1"), InlineData("http://example.com:9464"), InlineData("http://127.0.0.1:9464/metrics")]
    public async Task An_address_that_is_none_keeps_the_server_from_starting(string address) =>
        await Assert.ThrowsAsync<SettingsException>(() => PoolhouseTestServer.Start(settings: settings => settings with { Telemetry = new(Metrics: address) }));

    [Fact]
    public async Task A_collector_gets_metrics_traces_and_logs_without_a_code_or_a_token()
    {
        await using var collector = await Receiver.Start();
        var address = $"http://127.0.0.1:{collector.Port}";
        var server = await PoolhouseTestServer.Start(settings: settings => settings with { Telemetry = new(Otlp: address) });
        collector.Answer = _ => Task.FromResult((200, ""));
        var app = await App.Start(server);
        await app.User("ana");
        var signedIn = await app.SignIn("ana");
        await app.Refresh((string)signedIn["RefreshToken"]!);
        using (await server.Http.GetAsync(new Uri($"{server.Url}/confirmUser?client_id={app.ClientId}&user_name=ana&confirmation_code=canary-code"))) { }
        await server.DisposeAsync();
        var sent = string.Concat(collector.Pushes.Select(push => push.Token));
        foreach (var expected in (string[])["poolhouse.tokens.issued", "refresh", "database.write", "started: pool"]) Assert.Contains(expected, sent, StringComparison.Ordinal);
        foreach (var secret in (string[])["canary-code", "Passw0rd-1", (string)signedIn["RefreshToken"]!, (string)signedIn["AccessToken"]!]) Assert.DoesNotContain(secret, sent, StringComparison.Ordinal);
    }

    static double Value(string metrics, string name, params string[] labels)
    {
        var lines = metrics.Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal) && line[name.Length] is '{' or ' ' && labels.All(label => line.Contains(label, StringComparison.Ordinal))).ToList();
        Assert.True(lines.Count == 1, $"{name} {string.Join(',', labels)}: {lines.Count} lines\n{metrics}");
        return double.Parse(lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
