using System.Collections.Concurrent;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>
/// Shows tokens to a guard two hundred times a second, from the beginning to the end of a test, and notes whatever must never happen: a
/// valid token refused with 401, a revoked one accepted after its bound, one accepted again after it was refused.
/// </summary>
sealed class Prober : IAsyncDisposable
{
    readonly CognitoGuard guard;
    readonly ConcurrentBag<Probe> probes = [];
    readonly ConcurrentQueue<string> faults = new();
    readonly CancellationTokenSource stop = new();
    readonly Task loop;
    int checks;

    public Prober(CognitoGuard guard)
    {
        this.guard = guard;
        loop = Task.Run(Run);
    }

    /// <summary>Answers of 503 so far.</summary>
    public int Unavailable { get; private set; }

    /// <summary>A token that is shown, and what is known of it.</summary>
    public sealed class Probe(string name, string token)
    {
        public string Name { get; } = name;

        public string Token { get; } = token;

        /// <summary>When it must be refused at last; MaxValue while it is valid.</summary>
        public long RefusedFrom { get; set; } = long.MaxValue;

        /// <summary>When its revocation was asked for; before that a 401 is a fault.</summary>
        public long RevokedFrom { get; set; } = long.MaxValue;

        public long FirstRefusedAt { get; set; }
    }

    /// <summary>Shows a token from now on.</summary>
    public Probe Show(string name, string token)
    {
        var probe = new Probe(name, token);
        probes.Add(probe);
        return probe;
    }

    /// <summary>Revokes sessions, after which their tokens must be refused within a time of the reply.</summary>
    public static async Task Revoke(Func<Task> revocation, TimeSpan within, params Probe[] ended)
    {
        foreach (var probe in ended) probe.RevokedFrom = Now;
        await revocation();
        foreach (var probe in ended) probe.RefusedFrom = Now + (long)(within.TotalSeconds * TimeProvider.System.TimestampFrequency);
    }

    /// <summary>Waits until these tokens are refused.</summary>
    public static Task Refused(params Probe[] ended) => GuardPost.Until(() => ended.All(probe => probe.FirstRefusedAt != 0));

    /// <summary>Ends, and says what must not have happened.</summary>
    public async Task<IReadOnlyCollection<string>> Faults()
    {
        await stop.CancelAsync();
        await loop;
        if (checks < 20) faults.Enqueue($"only {checks} checks were made");
        return faults;
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loop;
        stop.Dispose();
    }

    static long Now => TimeProvider.System.GetTimestamp();

    async Task Run()
    {
        while (!stop.IsCancellationRequested)
        {
            foreach (var probe in probes) await Look(probe);
            await Task.Delay(5);
        }
    }

    async Task Look(Probe probe)
    {
        // The bound counts for a check that began after it: this process may be held up in the middle of one.
        var began = Now;
        var result = await guard.CheckAsync(probe.Token);
        checks++;
        if (result.StatusCode == 503) Unavailable++;
        else if (result.Accepted)
        {
            if (began > probe.RefusedFrom) faults.Enqueue($"{probe.Name} was accepted {TimeProvider.System.GetElapsedTime(probe.RefusedFrom, began).TotalMilliseconds} ms after its bound");
            if (probe.FirstRefusedAt != 0) faults.Enqueue($"{probe.Name} was accepted after it had been refused");
        }
        else
        {
            if (Now < probe.RevokedFrom) faults.Enqueue($"{probe.Name} is valid and was refused: {result.Refusal}");
            if (probe.FirstRefusedAt == 0) probe.FirstRefusedAt = Now;
        }
    }
}
