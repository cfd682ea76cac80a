using Poolhouse.Core;
using Poolhouse.Guard;
using Poolhouse.Storage;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Trials.Simulation;

/// <summary>What was done in a run.</summary>
sealed class Counts
{
    public long SignIns, Refreshes, Revocations, Checks, Accepted, Refused, Blind, Forgotten, Crashes, Restores, Cuts;
}

/// <summary>Two nodes, one store, three guards and eight apps in one process, in one order, which a seed decides; and what goes wrong among them.</summary>
sealed class World : IDisposable
{
    const int Apps = 8;

    public static readonly Telemetry Telemetry = new();

    readonly App[] apps;
    readonly GuardHost[] guards;
    double copiedAt;
    bool quiet;

    public World(ulong seed, Sabotage sabotage, Counts counts)
    {
        (Sabotage, Counts) = (sabotage, counts);
        Agenda = new(new Chance(seed));
        Disk = Directory.CreateTempSubdirectory("poolhouse-simulation-").FullName;
        var now = SimClock.TrueMs(Agenda);
        (Realm, Store) = (Realm.Make(now), new Store(now));
        Fill(now);
        Store.Committed = Notify;
        Nodes = [.. Enumerable.Range(0, 2).Select(number => new Node(this, number))];
        guards = [.. Enumerable.Range(0, 3).Select(number => new GuardHost(this, number))];
        apps = [.. Enumerable.Range(0, Apps).Select(number => new App(this, number))];
        foreach (var app in apps) Agenda.Soon(500, app.Live);
        foreach (var guard in guards) Agenda.Soon(500, () => ProbeOften(guard));
        Agenda.In(5000, Harm);
        Agenda.In(1000, Weather);
    }

    public Agenda Agenda { get; }

    public Sabotage Sabotage { get; }

    public Counts Counts { get; }

    public Realm Realm { get; }

    public Store Store { get; }

    public Node[] Nodes { get; }

    public List<Family> Families { get; } = [];

    /// <summary>Users for whom an end of all sessions was ever asked whose fate is not known.</summary>
    public HashSet<string> SigningOut { get; } = new(StringComparer.Ordinal);

    public string Disk { get; }

    /// <summary>How bad the network is now: 0 to 1.</summary>
    public double Trouble { get; private set; }

    Chance Chance => Agenda.Chance;

    /// <summary>So many steps, then quiet, in which everything must be well again. Returns the trace.</summary>
    public ulong Run(long steps)
    {
        while (Agenda.Steps < steps)
        {
            Agenda.Step();
            if (Agenda.Steps % 1000 == 0) Inspect();
        }
        Quiet();
        return Agenda.Trace;
    }

    /// <summary>A request to some node and its answer, either of which may be lost, late or, the request, doubled. `over` says that no copy is under way any more.</summary>
    public void Request(Func<Node, Task<Reply>> ask, Action<Reply> hear, Action? over = null)
    {
        var heard = false;
        var copies = Chance.Of(Trouble * 0.1) ? 2 : 1;
        var open = copies;
        for (var copy = 0; copy < copies; copy++)
        {
            var number = Chance.Between(0, Nodes.Length - 1);
            var lost = Chance.Of(Trouble * 0.05);
            Agenda.Soon(Chance.Of(Trouble * 0.05) ? 2000 : 30, () =>
            {
                if (lost) Close();
                else Reach(number);
            });
        }
        Agenda.In(5000, () => Hear(Reply.None));

        void Reach(int number)
        {
            var node = Nodes[number];
            if (node.Life.Ended) Close();
            else if (node.Life.HeldUntil > Agenda.Now) Agenda.In((node.Life.HeldUntil - Agenda.Now) / 1000.0, () => Reach(number));
            else Agenda.Begin(() => Serve(node));
        }

        async Task Serve(Node node)
        {
            var reply = await ask(node);
            Close();
            if (!Chance.Of(Trouble * 0.05)) Agenda.Soon(30, () => Hear(reply));
        }

        void Close()
        {
            if (--open == 0) over?.Invoke();
        }

        void Hear(Reply reply)
        {
            if (heard) return;
            heard = true;
            Agenda.Note("reply", (long)(reply.Refused ?? 0) + (reply.Tokens is null ? 0 : 100) + (reply.Answered ? 0 : 200));
            hear(reply);
        }
    }

    public void Dispose()
    {
        foreach (var node in Nodes) node.Life.Ended = true;
        foreach (var guard in guards) guard.Crash(withDisk: true);
        Store.Dispose();
        Directory.Delete(Disk, recursive: true);
    }

    void Fill(long now)
    {
        var keys = new Core.Keys.Sealing(Realm.Master);
        Store.Run(async tx =>
        {
            await FeedEpoch.Follow(tx, null);
            await RefreshKeys.Read(tx);
            await PoolStore.Create(tx, Realm.Pool);
            await ClientStore.Create(tx, Realm.Client, null);
            foreach (var user in Realm.Users) await UserStore.Insert(tx, user, caseSensitive: true, [], takeAliases: false);
            foreach (var key in (Core.Keys.SigningKey[])[Realm.Key(Core.Keys.KeyUse.Id), Realm.Key(Core.Keys.KeyUse.Access)])
                await tx.Execute("insert into signing_keys (kid, pool_id, use, private_key, created_at, signs_from) values (@kid, @pool, @use, @key, @now, 0)",
                    ("kid", key.Kid), ("pool", Realm.Pool.Id), ("use", key.Use == Core.Keys.KeyUse.Id ? "id" : "access"),
                    ("key", keys.Seal("signing-key", $"{Realm.Pool.Id}/{key.Kid}", key.Export())), ("now", now));
            return true;
        }, now);
    }

    // NOTIFY: to whoever listens now; lost now and then.
    void Notify(IReadOnlyList<Change> changes)
    {
        if (!changes.Any(change => change.Kind == RevocationStore.Appended)) return;
        var entries = Sabotage != Sabotage.NotifyAsData ? [] : Store.Rows("select seq, value, keep_until from revocations order by seq desc limit 1",
            row => new Revocation(row.GetInt64(0), RevocationKind.Session, row.GetString(1), row.GetInt64(2) / 1000));
        foreach (var node in Nodes ?? [])
            if (!node.Life.Ended && !Chance.Of(0.05 + 0.3 * Trouble)) Agenda.Soon(20, () => node.Feed.Wake(entries), node.Life);
    }

    void ProbeOften(GuardHost guard)
    {
        if (Families.Count > 0) guard.Probe(Chance.Of(0.5) ? Families[^(1 + Chance.Below(Math.Min(10, Families.Count)))] : Families[Math.Max(0, Families.Count - 1 - Chance.Below(200))]);
        Agenda.Soon(200, () => ProbeOften(guard));
    }

    void Weather()
    {
        if (quiet) return;
        Trouble = Chance.One([0, 0, 0.2, 1.0]);
        foreach (var node in Nodes) node.Engine.Lossy = Trouble > 0 ? Chance.Between(0, 60) : 0;
        if (Families.Count > 400) Families.RemoveRange(0, 100);
        if (Chance.Of(0.3))
        {
            Store.BackUp();
            copiedAt = Agenda.Ms;
        }
        Agenda.In(Chance.Between(2_000, 15_000), Weather);
    }

    void Harm()
    {
        if (quiet) return;
        var (node, guard) = (Chance.Between(0, Nodes.Length - 1), Chance.One(guards));
        var seconds = Chance.Of(0.2) ? Chance.Between(5, 25) : Chance.Between(0, 4);
        var kind = Chance.Below(100);
        Agenda.Note("harm", kind);
        switch (kind)
        {
            case < 15:
                Crash(node);
                Agenda.In(1000 * seconds + 100, () => Begin(node));
                break;
            case < 25:
                Nodes[node].Life.HeldUntil = Agenda.Now + 1_000_000L * seconds;
                break;
            case < 40:
                var engine = Nodes[node].Engine;
                engine.CutOff = true;
                Counts.Cuts++;
                Agenda.In(1000 * seconds, () => engine.CutOff = false);
                break;
            case < 60:
                CutOff(guard, Chance.Of(0.5) ? [0, 1] : [node], seconds);
                break;
            case < 70:
                guard.Wire.Break();
                break;
            case < 97:
                guard.Crash(withDisk: Chance.Of(0.1));
                Counts.Crashes++;
                Agenda.In(1000 * seconds, guard.Start);
                break;
            default:
                if (Store.HasBackup) PutBack();
                break;
        }
        Agenda.In(Chance.Between(200, 6_000), Harm);
    }

    void CutOff(GuardHost guard, int[] from, int seconds)
    {
        Counts.Cuts++;
        guard.Wire.Cut.UnionWith(from);
        Agenda.In(1000 * seconds, () =>
        {
            guard.Wire.Cut.ExceptWith(from);
            if (Chance.Of(0.5)) guard.Wire.Break();
        });
    }

    void Crash(int node)
    {
        if (Nodes[node].Life.Ended) return;
        Nodes[node].Life.Ended = true;
        Counts.Crashes++;
    }

    void Begin(int node)
    {
        if (Nodes[node].Life.Ended) Nodes[node] = new(this, node);
    }

    /// <summary>As the guide says: everything is stopped, an older copy is put back and declared, everything starts.</summary>
    void PutBack()
    {
        for (var node = 0; node < Nodes.Length; node++) Crash(node);
        Store.Restore(SimClock.TrueMs(Agenda));
        Counts.Restores++;
        foreach (var family in Families) family.Retire(copiedAt);
        for (var node = 0; node < Nodes.Length; node++) Begin(node);
    }

    /// <summary>What the rows must say at any moment.</summary>
    void Inspect()
    {
        var rows = Store.Rows("select id, generation, revoked_at from sessions", row => (Id: row.GetString(0), Generation: row.GetInt64(1), Revoked: !row.IsDBNull(2))).ToDictionary(row => row.Id);
        foreach (var family in Families.Where(family => !family.Retired))
        {
            if (!rows.TryGetValue(family.Id, out var row)) throw new WrongException($"{family.Id} is gone from the store");
            if (row.Generation < family.Top) throw new WrongException($"{family.Id}: generation {family.Top} was answered, the store has {row.Generation}");
            if (row.Revoked != (family.EndedAt is not null) && (family.EndedAt is not null || !family.InDoubt)) throw new WrongException($"{family.Id}: the store and the answers differ on its end");
        }
        var head = Store.Rows("select coalesce(max(seq), 0) from revocation_heads", row => row.GetInt64(0))[0];
        var (count, least, most) = Store.Rows("select count(*), coalesce(min(seq), 0), coalesce(max(seq), 0) from revocations", row => (row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)))[0];
        if (count > 0 && (most - least + 1 != count || most != head)) throw new WrongException($"the feed has gaps: {count} entries from {least} to {most}, head {head}");
        Agenda.Note("rows", head * 1000 + rows.Count);
    }

    void Quiet()
    {
        quiet = true;
        Trouble = 0;
        for (var node = 0; node < Nodes.Length; node++) Begin(node);
        foreach (var node in Nodes) (node.Engine.CutOff, node.Engine.Lossy, node.Life.HeldUntil) = (false, 0, 0);
        foreach (var guard in guards)
        {
            guard.Start();
            guard.Wire.Cut.Clear();
            guard.Wire.Break();
        }
        Pass(25_000);
        foreach (var guard in guards)
        {
            if (guard.State != RevocationState.Fresh) throw new WrongException($"in quiet times guard {guard.Number} is {guard.State}");
            foreach (var family in Families.Where(family => family.AccessEndsAt > Agenda.Ms + 1000)) guard.Probe(family, sure: true);
        }
        Inspect();
    }

    void Pass(double ms)
    {
        for (var until = Agenda.Ms + ms; Agenda.Ms < until;) Agenda.Step();
    }
}
