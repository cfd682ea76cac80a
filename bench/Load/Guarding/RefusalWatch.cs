using System.Diagnostics;
using Poolhouse.Guard;

namespace Poolhouse.Load.Guarding;

/// Asks one guard about a thousand times a second, on a thread of its own, for every session whose revocation is on its way, and notes
/// when each was first refused. In passing it asks for some that have been refused, which must stay so, and for some that nobody has
/// revoked yet, which must pass.
sealed class RefusalWatch(CognitoGuard guard, Session[] sessions)
{
    // How far ahead of the revocations is looked for a token that must pass, and how many of the refused are asked for with each look.
    const int Ahead = 20;
    const int Again = 5;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int first;
    int again;
    int looks;
    int wrong;

    /// When each was first refused.
    public long[] RefusedAt { get; } = new long[sessions.Length];

    public double LooksPerSecond { get; private set; }

    /// All are let in before the first is revoked, and so are known to the guard.
    public async Task Start()
    {
        foreach (var session in sessions)
            if (await guard.CheckAsync(session.AccessToken) is { Accepted: false } result) throw new BenchException($"a good token was refused: {result.Refusal}");
        new Thread(Watch) { IsBackground = true }.Start();
    }

    /// After the last revocation: waits until all were refused, asks for each once more, and says how often an answer was wrong.
    public async Task<int> End()
    {
        await ended.Task.WaitAsync(Patience + Patience);
        if (first < sessions.Length) throw new BenchException("a guard has not heard of a revocation for ten seconds");
        foreach (var session in sessions)
            if ((await guard.CheckAsync(session.AccessToken)).Accepted) wrong++;
        return wrong;
    }

    void Watch()
    {
        var began = Stopwatch.GetTimestamp();
        for (var lastNews = began; first < sessions.Length && Stopwatch.GetElapsedTime(lastNews) < Patience; looks++)
        {
            var before = first;
            Look();
            if (first > before) lastNews = Stopwatch.GetTimestamp();
            Thread.Sleep(1);
        }
        LooksPerSecond = looks / Stopwatch.GetElapsedTime(began).TotalSeconds;
        ended.SetResult();
    }

    void Look()
    {
        var at = first;
        for (; at < sessions.Length && sessions[at].SentAt != 0; at++)
            if (RefusedAt[at] == 0 && Refuses(at)) RefusedAt[at] = Stopwatch.GetTimestamp();
        if (at + Ahead < sessions.Length && Refuses(at + Ahead) && sessions[at + Ahead].SentAt == 0) wrong++;
        while (first < at && RefusedAt[first] != 0) first++;
        for (var i = 0; i < Again && first > 0; i++)
            if (!Refuses(again++ % first)) wrong++;
    }

    bool Refuses(int session)
    {
        var check = guard.CheckAsync(sessions[session].AccessToken);
        var result = check.IsCompleted ? check.Result : check.AsTask().Result;
        return result.Refusal switch
        {
            GuardRefusal.None => false,
            GuardRefusal.Revoked => true,
            var other => throw new BenchException($"a guard refuses for another reason: {other}"),
        };
    }
}
