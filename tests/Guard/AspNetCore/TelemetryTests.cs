using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.AspNetCore;

/// <summary>What is logged and counted: enough to answer "why was this call refused", and never a token.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task A_refusal_is_logged_with_reason_session_and_client_and_no_log_holds_a_token()
    {
        await using var api = await SampleApi.Start(given => (given.GuardClientId, given.GuardClientSecret) = ("guard", "canary-secret"));
        api.Log.Least = LogLevel.Trace;
        var session = TokenForge.NewSession();
        string[] tokens = [api.Forge.Access(session), api.Forge.Access(null, ("exp", 1)), api.Forge.Id(), api.Forge.Access()[..^6] + "AAAAAA", "canary.not.atoken"];
        foreach (var token in tokens) await api.Call("/me", token);
        api.Issuer.Feed.Revoke(session);
        await GuardPost.Until(() => api.Guard.Status.Entries == 1);
        await api.Call("/me", tokens[0]);
        api.Lose(61);
        await api.Call("/critical", api.Forge.Access());
        Assert.Equal(1, api.Log.Count($"A token was refused: Revoked; session {session}, client {TokenForge.Web}, user 5d1f8a3e-0000-4000-8000-000000000001"));
        Assert.Equal((1, 1, 1), (api.Log.Count("A token was refused: Expired; session"), api.Log.Count("A token was refused: WrongTokenUse"), api.Log.Count("A token was refused: RevocationUnknown")));
        foreach (var secret in tokens.Select(token => token[(token.LastIndexOf('.') + 1)..]).Append("canary").Append("machine-1")) Assert.Equal(0, api.Log.Count(secret));
    }

    [Fact]
    public async Task Checks_verifications_introspections_and_the_state_are_counted()
    {
        const string Pool = "https://id.example.com/us-east-1_Metered01";
        var numbers = new ConcurrentDictionary<string, double>();
        using var listener = Listen(Pool, numbers);
        await using var api = await SampleApi.Start(given => (given.GuardClientId, given.GuardClientSecret) = ("guard", "secret"), pool: Pool);
        var token = api.Forge.Access();
        for (var at = 0; at < 5; at++) await api.Guard.CheckAsync(token);
        await api.Guard.CheckAsync("a.b.c");
        api.Issuer.Feed.Revoke(TokenForge.NewSession());
        await GuardPost.Until(() => api.Guard.Status.Entries == 1);
        api.Lose(61);
        await api.Guard.CheckAsync(token);
        listener.RecordObservableInstruments();
        Assert.Equal((5, 1, 1), (numbers["checks accepted"], numbers["checks Malformed"], numbers["checks RevocationUnknown"]));
        Assert.Equal((2, 1), (numbers["verifications "], numbers["introspections Unknown"]));
        Assert.Equal((3, 1), (numbers["revocation.state "], numbers["revocation.entries "]));
        Assert.InRange(numbers["revocation.lag "], 61, 75);
    }

    static MeterListener Listen(string issuer, ConcurrentDictionary<string, double> numbers)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == "Poolhouse.Guard" && instrument.Meter.Tags!.Contains(new("issuer", issuer))) self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        listener.Start();
        return listener;

        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var name = $"{instrument.Name["poolhouse.guard.".Length..]} {(tags.Length > 0 ? tags[0].Value : "")}";
            numbers.AddOrUpdate(name, value, (_, before) => instrument.IsObservable ? value : before + value);
        }
    }
}
