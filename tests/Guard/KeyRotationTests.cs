using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests;

/// <summary>
/// Keys that change every few hundred milliseconds under load (security.md F11), which are 20 seconds of the guard's clock: the issuer publishes a key
/// 80 seconds before it signs with it, and withdraws it when it has signed for the last time; kids are invented all the while.
/// </summary>
public sealed class KeyRotationTests : IAsyncDisposable
{
    const int Rotations = 14;
    const int Ahead = 4;

    readonly FakeTimeProvider clock = GuardPost.NewClock();
    readonly DateTimeOffset began;
    readonly FakeIssuer issuer;
    readonly CognitoGuard guard;
    readonly ConcurrentQueue<string> faults = new();
    readonly Queue<(string Kid, string Token, int Fetches)> withdrawn = new();
    volatile string current = "key-0";
    int checks;

    public KeyRotationTests()
    {
        began = clock.GetUtcNow();
        issuer = new(clock);
        issuer.Publish(Window(0));
        guard = new(new()
        {
            Issuer = FakeIssuer.Pool, ClientIds = [TokenForge.Web], Revocations = RevocationSource.None, Backchannel = issuer,
            KeysRefreshedEvery = TimeSpan.FromSeconds(30),
        }, null, clock);
    }

    [Fact]
    public async Task No_valid_token_is_refused_and_no_withdrawn_key_accepted()
    {
        var started = guard.StartAsync();
        while (!started.IsCompleted) await Later(1);
        using var stop = new CancellationTokenSource();
        var load = new[] { Task.Run(() => Call(stop.Token)), Task.Run(() => Invent(stop.Token)) };
        var refused = 0;
        for (var at = 1; at <= Rotations || withdrawn.Count > 0; at++)
        {
            if (at <= Rotations) await Rotate(at);
            else await Later(5);
            // A fetch that began after the withdrawal has been taken when the next one begins.
            for (; withdrawn.Count > 0 && issuer.Count("jwks") >= withdrawn.Peek().Fetches + 2; refused++) await MustBeRefused(withdrawn.Dequeue());
        }
        await stop.CancelAsync();
        await Task.WhenAll(load);
        Assert.Empty(faults);
        Assert.Equal(Rotations, refused);
        Assert.True(checks > 1000, $"{checks} checks");
        // One in half a minute, and one for a kid that is not known.
        Assert.InRange(issuer.Count("jwks"), 5, (clock.GetUtcNow() - began).TotalSeconds / 30 * 2 + 2);
    }

    public async ValueTask DisposeAsync()
    {
        await guard.DisposeAsync();
        issuer.Dispose();
    }

    static string[] Window(int from) => [.. Enumerable.Range(from, Ahead + 1).Select(at => $"key-{at}")];

    TokenForge Forge(string kid) => new(FakeIssuer.Pool, ForgedKey.Rsa(kid), clock);

    // A machine that is busy with other things must not look like an issuer that does not answer.
    async Task Later(int seconds)
    {
        for (var second = 0; second < seconds; second++)
        {
            await GuardPost.Until(() => issuer.Pending == 0);
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(15);
        }
    }

    async Task Rotate(int at)
    {
        await Later(20);
        var (retired, token) = (current, Forge(current).Access());
        if (!(await guard.CheckAsync(token)).Accepted) faults.Enqueue($"{retired} was refused before it was withdrawn");
        current = $"key-{at}";
        issuer.Publish(Window(at));
        withdrawn.Enqueue((retired, token, issuer.Count("jwks")));
    }

    async Task MustBeRefused((string Kid, string Token, int Fetches) gone)
    {
        if ((await guard.CheckAsync(gone.Token)).Accepted) faults.Enqueue($"{gone.Kid} was accepted after it was withdrawn");
    }

    async Task Call(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var kid = current;
            var token = Forge(kid).Access();
            for (var at = 0; at < 5 && kid == current; at++)
            {
                checks++;
                var refusal = (await guard.CheckAsync(token, cancel: CancellationToken.None)).Refusal;
                if (refusal != GuardRefusal.None && kid == current) faults.Enqueue($"a token of {kid} was refused: {refusal}");
            }
            await Task.Delay(1, CancellationToken.None);
        }
    }

    async Task Invent(CancellationToken stop)
    {
        var rest = Forge("key-0").Access();
        rest = rest[rest.IndexOf('.', StringComparison.Ordinal)..];
        for (var at = 0; !stop.IsCancellationRequested; at++)
        {
            var refusal = (await guard.CheckAsync(TokenForge.Encode($"{{\"kid\":\"invented-{at}\",\"alg\":\"RS256\"}}") + rest, cancel: CancellationToken.None)).Refusal;
            if (refusal != GuardRefusal.UnknownKey) faults.Enqueue($"an invented kid: {refusal}");
            await Task.Delay(1, CancellationToken.None);
        }
    }
}
