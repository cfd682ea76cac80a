using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Poolhouse.Bff.Store;
using Poolhouse.Tokens;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Bff.Provider;

/// <summary>
/// Follows the revocation feed of Poolhouse: a session that is revoked there is over here in the same moment, its calls under way included. Every node follows it;
/// that all of them write down the same end costs one compare-and-set each.
/// </summary>
sealed class FeedReader(CheckedBffOptions options, ProviderHttp http, RevokedSessions revoked, SessionVault vault, SessionWatch watch, TimeProvider time, BffTelemetry told) : BackgroundService
{
    readonly Channel<string> heard = Channel.CreateUnbounded<string>(new() { SingleReader = true });

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Feed is not { } feed) return;
        var credentials = options.Given.FeedClientId is { } id
            ? new FeedCredentials(cancel => PoolEndpoints.Discover(options.Authority, http.Calls, cancel), id, options.Given.FeedClientSecret!) : null;
        FeedFollower? follower = null;
        await using var following = follower = new(feed, credentials, http.Streams, new()
        {
            Revoked = (kind, session, value, keepUntil) => Heard(kind, session, value, keepUntil, live: follower?.Position is not null),
            Failed = fault => told.FeedLost(fault, feed),
            Joined = (position, _) => told.FeedJoined(position.ToString()),
        }, time);
        following.Start();
        try
        {
            await foreach (var session in heard.Reader.ReadAllAsync(stoppingToken)) await End(session, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The node stops.
        }
    }

    // What a snapshot holds may be a million sessions of other apps: those are only remembered, and looked at when somebody calls.
    void Heard(RevocationKind kind, Guid session, string? value, long keepUntil, bool live)
    {
        if (kind == RevocationKind.Session)
        {
            revoked.Add(session, keepUntil, time.GetUtcNow().ToUnixTimeSeconds());
            watch.EndAtProvider(session.ToString("D"));
            if (live) heard.Writer.TryWrite(session.ToString("D"));
        }
        else if (kind == RevocationKind.Pool || value == options.ClientId)
        {
            revoked.AddEverything();
            watch.EndAtProvider(null);
        }
    }

    async Task End(string session, CancellationToken cancel)
    {
        try
        {
            foreach (var held in await vault.OfProviderSession(session, cancel)) await vault.End(held.Id, EndReason.Revoked, "the revocation feed said so", null, cancel);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // It stays in memory as revoked, and is written down at the next call.
            told.StoreFailed(fault);
        }
    }
}
