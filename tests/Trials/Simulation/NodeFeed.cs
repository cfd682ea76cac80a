using System.Buffers;
using Poolhouse.Server.Revocations;
using Poolhouse.Storage;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Trials.Simulation;

/// <summary>The feed of one node: the product's own <see cref="FeedTail"/> and frames, looked at every 200 ms or when woken, and its readers.</summary>
sealed class NodeFeed(World world, Node node, RevocationStore store, TimeProvider clock)
{
    const int FloorMs = 200;

    readonly List<FeedReading> readers = [];
    FeedTail? tail;
    FeedFrame? told;
    long lastBeat;
    int looks;
    bool pulses;

    string Pool => world.Realm.Pool.Id;

    FeedFrame? Last => world.Sabotage == Sabotage.NotifyAsData ? told : tail?.Last;

    /// <summary>Everything that still counts, as the endpoint writes it.</summary>
    public async Task<byte[]> Snapshot()
    {
        var (head, now, body) = (await store.Head(Pool, default), clock.GetUtcNow().ToUnixTimeMilliseconds(), new ArrayBufferWriter<byte>());
        RevocationSnapshot.WriteHeader(body, head, now);
        long count = 0;
        foreach (var entry in await store.After(Pool, 0, int.MaxValue, default))
        {
            if (entry.Seq > head.Seq || entry.KeepUntil * 1000 <= now) continue;
            RevocationSnapshot.WriteEntry(body, entry);
            count++;
        }
        RevocationSnapshot.WriteEnd(body, count);
        return body.WrittenSpan.ToArray();
    }

    /// <summary>Joins from a position; null where the endpoint answers 410.</summary>
    public async Task<SimStream?> Join(FeedPosition since)
    {
        if (world.Sabotage == Sabotage.NotifyAsData) told ??= new(0, await store.Head(Pool, default), 0, default);
        else if (tail is null)
        {
            tail = new(Pool, store, () => lastBeat, clock);
            await Look();
        }
        if (!pulses) world.Agenda.Begin(Pulse);
        if (Last is not { } last) return null;
        var head = since.Epoch == last.Position.Epoch && since.Seq <= last.Position.Seq ? last.Position : await store.Head(Pool, default);
        if (since.Epoch != head.Epoch || since.Seq > head.Seq || !await store.Reaches(Pool, since.Seq, head.Seq, default)) return null;
        var reading = new FeedReading(since.Seq, new SimStream(world.Agenda));
        readers.Add(reading);
        await Push(reading);
        return reading.Stream;
    }

    /// <summary>A wake-up, which may come or not. What it says of the matter is nothing, except to whoever believes it.</summary>
    public void Wake(IReadOnlyList<Revocation> entries)
    {
        if (world.Sabotage != Sabotage.NotifyAsData) world.Agenda.Begin(Look);
        else if (told is not null)
        {
            foreach (var entry in entries) told = told.Follow(told.Position with { Seq = told.Position.Seq + 1 }, entry);
            world.Agenda.Begin(PushAll);
        }
    }

    async Task Pulse()
    {
        pulses = readers.Count > 0 || !pulses;
        if (!pulses) return;
        try
        {
            lastBeat = await store.Beat($"node{node.Number}");
            if (world.Sabotage == Sabotage.NotifyAsData && told is not null)
            {
                told = told.Follow(lastBeat);
                await PushAll();
            }
            else await Look();
        }
        catch (StorageUnavailableException)
        {
            // No heartbeat.
        }
        world.Agenda.In(1000, () => world.Agenda.Begin(Pulse), node.Life);
    }

    async Task Look()
    {
        if (tail is null) return;
        var mine = ++looks;
        try
        {
            if (!await tail.Look(default))
            {
                EndAll();
                return;
            }
            await PushAll();
        }
        catch (StorageUnavailableException)
        {
            // Nothing goes out until it can be read.
        }
        // Whoever was woken in between has planned the next look.
        world.Agenda.In(FloorMs, () =>
        {
            if (mine == looks) world.Agenda.Begin(Look);
        }, node.Life);
    }

    void EndAll()
    {
        tail!.Last?.End();
        tail = null;
        foreach (var reading in readers) reading.Stream.End();
        readers.Clear();
    }

    async Task PushAll()
    {
        foreach (var reading in readers.ToArray()) await Push(reading);
        readers.RemoveAll(reading => reading.Stream.Closed);
    }

    // As FeedConnection does it: from the table what came before the newest frame, then frame by frame.
    async Task Push(FeedReading reading)
    {
        if (reading.Frame is null)
        {
            var head = Last!;
            foreach (var entry in (await store.After(Pool, reading.At, int.MaxValue, default)).TakeWhile(entry => entry.Seq <= head.Position.Seq))
            {
                if (entry.Seq != reading.At + 1) break;
                reading.At = entry.Seq;
                reading.Stream.Send(FeedFrame.Revoked(head.Position with { Seq = entry.Seq }, entry));
            }
            reading.Frame = head;
            if (reading.At < head.Position.Seq) reading.Stream.End();
            else if (reading.At == head.Position.Seq && tail?.Greeting(head) is { } greeting) reading.Stream.Send(greeting);
        }
        while (reading.Frame.Next is { IsCompleted: true, Result: { } next })
        {
            reading.Frame = next;
            if (next.Position.Seq < reading.At || (next.Entry is not null && next.Position.Seq == reading.At)) continue;
            reading.At = next.Position.Seq;
            reading.Stream.Send(next.Bytes);
        }
    }

    /// <summary>One reader and where it stands.</summary>
    sealed class FeedReading(long at, SimStream stream)
    {
        public long At { get; set; } = at;

        public SimStream Stream { get; } = stream;

        public FeedFrame? Frame { get; set; }
    }
}
