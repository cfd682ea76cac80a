using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.WebUtilities;

namespace Poolhouse.Bff.Tests.Actors;

/// <summary>What passed between all nodes of a cluster and the provider.</summary>
sealed class Wiretap
{
    /// <summary>Every refresh token that was presented, in order.</summary>
    public ConcurrentQueue<string> Presented { get; } = [];

    /// <summary>Every token that came back, of any kind.</summary>
    public ConcurrentQueue<string> Issued { get; } = [];

    /// <summary>Every refresh token that was revoked.</summary>
    public ConcurrentQueue<string> Revoked { get; } = [];

    public int Refreshes => Presented.Count;
}

/// <summary>The cable between one node and the provider; it can be cut, and tampered with.</summary>
sealed class Wire(Wiretap tap) : DelegatingHandler(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false })
{
    int atOnce;

    /// <summary>The provider cannot be reached.</summary>
    public volatile bool Down;

    /// <summary>Answers a refresh in place of the provider; null lets it pass.</summary>
    public Func<HttpResponseMessage?>? InPlaceOfRefresh { get; set; }

    /// <summary>Answers a reader of the revocation feed in place of the provider; null lets it pass.</summary>
    public Func<HttpRequestMessage, HttpResponseMessage?>? InPlaceOfFeed { get; set; }

    /// <summary>The most refreshes that were on their way at one moment.</summary>
    public int MostAtOnce { get; private set; }

    /// <summary>Called when the reply to a refresh has come, before the node sees it.</summary>
    public Func<Task>? AfterRefresh { get; set; }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (Down) throw new HttpRequestException("The cable is cut.");
        if (request.RequestUri!.AbsolutePath.Contains("/revocations/", StringComparison.Ordinal) && InPlaceOfFeed?.Invoke(request) is { } closed) return closed;
        var form = request.Content is null ? [] : QueryHelpers.ParseQuery(await request.Content.ReadAsStringAsync(cancellationToken));
        var refresh = form.TryGetValue("grant_type", out var grant) && grant == "refresh_token";
        if (refresh) tap.Presented.Enqueue(form["refresh_token"].ToString());
        if (form.TryGetValue("token", out var revoked)) tap.Revoked.Enqueue(revoked.ToString());
        if (refresh && InPlaceOfRefresh?.Invoke() is { } instead) return instead;
        var reply = refresh ? await Counted(request, cancellationToken) : await base.SendAsync(request, cancellationToken);
        if (grant.Count == 0) return reply;
        await reply.Content.LoadIntoBufferAsync(cancellationToken);
        if (reply.IsSuccessStatusCode)
        {
            var body = JsonNode.Parse(await reply.Content.ReadAsStringAsync(cancellationToken))!;
            foreach (var name in new[] { "access_token", "refresh_token", "id_token" })
                if ((string?)body[name] is { } token) tap.Issued.Enqueue(token);
        }
        if (refresh && AfterRefresh is { } after) await after().WaitAsync(cancellationToken);
        return reply;
    }

    async Task<HttpResponseMessage> Counted(HttpRequestMessage request, CancellationToken cancel)
    {
        lock (tap) MostAtOnce = Math.Max(MostAtOnce, ++atOnce);
        try
        {
            return await base.SendAsync(request, cancel);
        }
        finally
        {
            lock (tap) atOnce--;
        }
    }
}

/// <summary>The clock of a cluster: it can be put forward; timers run in real time.</summary>
sealed class ShiftedClock : TimeProvider
{
    TimeSpan shift;

    public void Advance(TimeSpan by) => shift += by;

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + shift;
}

/// <summary>The store as one node sees it: when the node is dead, nothing it does arrives any more.</summary>
sealed class MortalStore(IBffSessionStore store) : IBffSessionStore
{
    public volatile bool Dead;

    public async ValueTask<bool> TryAddAsync(BffSessionRecord record, CancellationToken cancel) => await Alive().TryAddAsync(record, cancel);

    public async ValueTask<BffSessionRecord?> FindAsync(string id, CancellationToken cancel) => await Alive().FindAsync(id, cancel);

    public async ValueTask<bool> TryReplaceAsync(BffSessionRecord record, CancellationToken cancel) => await Alive().TryReplaceAsync(record, cancel);

    public async ValueTask<IReadOnlyList<BffSessionRecord>> FindByUserAsync(string userKey, CancellationToken cancel) => await Alive().FindByUserAsync(userKey, cancel);

    public async ValueTask<IReadOnlyList<BffSessionRecord>> FindByProviderSessionAsync(string providerSessionKey, CancellationToken cancel) => await Alive().FindByProviderSessionAsync(providerSessionKey, cancel);

    public async ValueTask RemoveForgottenAsync(long now, CancellationToken cancel) => await Alive().RemoveForgottenAsync(now, cancel);

    IBffSessionStore Alive() => Dead ? throw new IOException("This node is dead.") : store;
}
