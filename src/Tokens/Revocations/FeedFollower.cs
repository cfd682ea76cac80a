using System.Net;
using System.Security.Cryptography;

namespace Poolhouse.Tokens.Revocations;

/// <summary>What a follower does with what it hears. Calls come one at a time, and must not block.</summary>
public sealed class FeedListener
{
    /// <summary>An entry, from a snapshot or from the stream; one and the same entry may come again.</summary>
    public required Action<RevocationKind, Guid, string?, long> Revoked { get; init; }

    /// <summary>The connection was lost or could not be made, and is tried again.</summary>
    public Action<Exception> Failed { get; init; } = _ => { };

    /// <summary>The stream has been joined at a position; the flag says whether a snapshot was needed for it.</summary>
    public Action<FeedPosition, bool> Joined { get; init; } = (_, _) => { };
}

/// <summary>The machine client that may read a feed: its <c>AllowedOAuthScopes</c> hold <c>poolhouse/revocations.read</c>.</summary>
/// <param name="Endpoints">Finds the token endpoint.</param>
/// <param name="ClientId">The confidential client.</param>
/// <param name="ClientSecret">Its secret.</param>
public sealed record FeedCredentials(Func<CancellationToken, Task<PoolEndpoints>> Endpoints, string ClientId, string ClientSecret)
{
    /// <summary>Without the secret, in case it is ever printed.</summary>
    public override string ToString() => $"client {ClientId}";
}

/// <summary>What a follower leaves to its surroundings beside the clock: a simulation decides both, and can so be run again.</summary>
/// <param name="Begin">Begins what goes on in the background.</param>
/// <param name="Below">A number from 0 to below another, by chance: attempts are spread out by it.</param>
public sealed record FeedPace(Func<Func<Task>, Task> Begin, Func<int, int> Below)
{
    /// <summary>The thread pool, and the operating system's randomness.</summary>
    public static FeedPace Usual { get; } = new(Task.Run, RandomNumberGenerator.GetInt32);
}

/// <summary>
/// Follows a feed for ever: a snapshot, then the stream, and again when the connection is lost or a gap shows. A new snapshot
/// is merged by the listener into what it has; nothing is forgotten because a server has forgotten it. Thread-safe to read.
/// </summary>
public sealed class FeedFollower : IAsyncDisposable
{
    const string Scope = "poolhouse/revocations.read";
    static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    readonly MachineToken? token;
    readonly FeedClient client;
    readonly FeedListener listener;
    readonly TimeProvider time;
    readonly FeedPace pace;
    readonly CancellationTokenSource stop = new();
    Task loop = Task.CompletedTask;
    Proof? proof;
    FeedPosition? position;

    // When, by our own monotonic clock, the server had told everything; and what has to be added to that clock to get the server's.
    sealed record Proof(long At, double Offset);

    /// <summary>Makes a follower; it begins with <see cref="Start"/>.</summary>
    /// <param name="feed">The address of the feed: <c>https://id.example.com/us-east-1_Abc/revocations</c>.</param>
    /// <param name="credentials">Who reads it; null for a feed that is open.</param>
    /// <param name="http">Sends the requests; its timeout must be infinite, since a stream has no end.</param>
    /// <param name="listener">Hears of revocations.</param>
    /// <param name="time">The clock; only its monotonic side is used.</param>
    /// <param name="pace">Null is the usual one.</param>
    public FeedFollower(Uri feed, FeedCredentials? credentials, HttpClient http, FeedListener listener, TimeProvider time, FeedPace? pace = null)
    {
        (this.listener, this.time, this.pace) = (listener, time, pace ?? FeedPace.Usual);
        if (credentials is var (endpoints, id, secret)) token = new(endpoints, id, secret, Scope, http, time);
        client = new(feed, http, cancel => token?.Get(cancel) ?? Task.FromResult<string?>(null), time);
    }

    /// <summary>How long ago it was proven that nothing had been missed; null before the first proof.</summary>
    public TimeSpan? Lag => Volatile.Read(ref proof) is { } last ? time.GetElapsedTime(last.At) : null;

    /// <summary>The server's time in unix milliseconds, carried on by our monotonic clock; null before the first proof.</summary>
    public long? ServerTime => Volatile.Read(ref proof) is { } last ? (long)(Milliseconds(time.GetTimestamp()) + last.Offset) : null;

    /// <summary>The last position that was reached, or null before the first.</summary>
    public FeedPosition? Position
    {
        get
        {
            lock (stop) return position;
        }
    }

    /// <summary>Begins to follow; from a position that an earlier process has kept together with what it had heard, or from a snapshot.</summary>
    public void Start(FeedPosition? from = null)
    {
        Stand(from);
        loop = pace.Begin(Follow);
    }

    /// <summary>Stops following; what was heard stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        token?.Dispose();
        stop.Dispose();
    }

    async Task Follow()
    {
        for (var failures = 0; !stop.IsCancellationRequested;)
        {
            var before = Volatile.Read(ref proof);
            try
            {
                await Once();
            }
            catch (FeedPositionGoneException)
            {
                // The very next thing is a snapshot; it has nothing to wait for.
                Stand(null);
                if (failures++ == 0) continue;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Withdrawn, or signed by a key that is gone: the next try is made with another.
                if (e is HttpRequestException { StatusCode: HttpStatusCode.Unauthorized }) token?.Forget();
                listener.Failed(e);
            }
            failures = Volatile.Read(ref proof) != before ? 0 : failures + 1;
            await Pause(failures);
        }
    }

    async Task Once()
    {
        var from = Position;
        var fetched = from is null;
        if (from is null)
        {
            from = await client.Snapshot(listener.Revoked, stop.Token);
            Stand(from);
        }
        var clocks = new Clocks(Milliseconds(time.GetTimestamp()));
        await foreach (var one in client.Stream(from.Value, stop.Token))
        {
            var last = Position!.Value;
            // A gap, or a new epoch in the middle of a stream: what lies between can only come from a snapshot.
            if (one.Position != (one.Entry is null ? last : last with { Seq = last.Seq + 1 })) throw new FeedPositionGoneException();
            if (one.Entry is { } entry)
            {
                listener.Revoked(entry.Kind, entry.Kind == RevocationKind.Session ? Guid.ParseExact(entry.Value, "D") : default, entry.Value, entry.KeepUntil);
                Stand(one.Position);
                continue;
            }
            var first = clocks.IsNew;
            var now = time.GetTimestamp();
            var age = clocks.Hear(one.Time, Milliseconds(now));
            Volatile.Write(ref proof, new(now - (long)(age.TotalSeconds * time.TimestampFrequency), clocks.Offset));
            if (first) listener.Joined(one.Position, fetched);
            // Either it lies in buffers on its way, or the server's clock was set back: a new connection tells.
            if (age > FeedClient.Silence || clocks.IsDoubtful) throw new TimeoutException("The heartbeats of the revocation feed come late.");
        }
    }

    async Task Pause(int failures)
    {
        // Spread out, or a thousand guards come back in step when a server starts.
        var longest = Math.Min(FirstPause.TotalMilliseconds * Math.Pow(2, Math.Min(failures, 10)), LongestPause.TotalMilliseconds);
        try
        {
            await Task.Delay(TimeSpan.FromMilliseconds(pace.Below(1 + (int)longest)), time, stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    void Stand(FeedPosition? at)
    {
        lock (stop) position = at;
    }

    double Milliseconds(long timestamp) => timestamp * 1000.0 / time.TimestampFrequency;

    /// <summary>
    /// How the server's clock stands beside ours, as one connection tells. The heartbeat that came the quickest knows best; one that lay in a
    /// buffer for a minute is a minute old, whenever it is read. The first was made after it was asked for, and comes within a second; if it
    /// took longer, it may be that much older. All in milliseconds.
    /// </summary>
    sealed class Clocks(double askedAt)
    {
        const double Beat = 1000;
        const double LongDoubt = 10 * Beat;

        // Clocks drift apart by less than this.
        const double DriftPerSecond = 1;

        double most;
        double heardAt;

        /// <summary>Whether nothing was heard yet.</summary>
        public bool IsNew => heardAt == 0;

        /// <summary>What has to be added to our clock to get the server's, at least.</summary>
        public double Offset { get; private set; } = double.NegativeInfinity;

        /// <summary>Whether the first heartbeat of a connection was late, and no other since came quickly enough to tell why.</summary>
        public bool IsDoubtful => most - Offset > Beat && heardAt - askedAt > LongDoubt;

        /// <summary>How old a heartbeat is, at most.</summary>
        public TimeSpan Hear(double made, double now)
        {
            if (IsNew) most = made - now + Math.Max(0, now - askedAt - Beat);
            var drift = IsNew ? 0 : (now - heardAt) / 1000 * DriftPerSecond;
            Offset = Math.Max(Offset - drift, made - now);
            most = Math.Max(most - drift, made - now);
            heardAt = now;
            return TimeSpan.FromMilliseconds(now + most - made);
        }
    }
}
