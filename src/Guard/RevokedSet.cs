using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Guard;

/// <summary>
/// The revoked sessions, clients and pools. One writer, any number of readers that take no lock: an entry is never moved or
/// removed in a table that readers see, and a table that gets too full or too old is replaced by a new one.
/// </summary>
sealed class RevokedSet
{
    const int Smallest = 1024;
    const double MostFull = 0.75;
    const double Growth = 1.5;

    // 20 bytes; the id is written before the time, whose being set is what readers look for.
    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    struct Entry
    {
        public Guid Id;
        public uint KeepUntil;
    }

    readonly ConcurrentDictionary<string, long> marks = new(StringComparer.Ordinal);
    Entry[] table = new Entry[Smallest];
    int count;

    /// <summary>How many entries there are.</summary>
    public int Count => Volatile.Read(ref count) + marks.Count;

    /// <summary>Bytes that the sessions take.</summary>
    public long Bytes => (long)Volatile.Read(ref table).Length * Marshal.SizeOf<Entry>();

    public bool Contains(Guid session)
    {
        var entries = Volatile.Read(ref table);
        for (var at = Slot(session, entries.Length); ; at = at + 1 == entries.Length ? 0 : at + 1)
        {
            ref var entry = ref entries[at];
            if (Volatile.Read(ref entry.KeepUntil) == 0) return false;
            if (entry.Id == session) return true;
        }
    }

    /// <summary>Whether the client was deleted, or the pool; a pool's feed tells of no other pool.</summary>
    public bool ContainsMark(string clientId) => !marks.IsEmpty && (marks.ContainsKey(clientId) || marks.ContainsKey(Pool));

    const string Pool = "";

    /// <summary>Adds an entry; one that is there already is kept for the longer of both times. The writer's alone.</summary>
    public void Add(RevocationKind kind, Guid session, string? value, long keepUntil)
    {
        if (kind == RevocationKind.Session) Put(session, (uint)Math.Clamp(keepUntil, 1, uint.MaxValue));
        else marks.AddOrUpdate(kind == RevocationKind.Pool ? Pool : value!, keepUntil, (_, old) => Math.Max(old, keepUntil));
    }

    /// <summary>Forgets what no token that is in time can concern. The writer's alone.</summary>
    public void Sweep(long now)
    {
        foreach (var (mark, keepUntil) in marks)
            if (keepUntil < now) marks.TryRemove(mark, out _);
        var dead = 0;
        foreach (ref readonly var entry in table.AsSpan())
            if (entry.KeepUntil != 0 && entry.KeepUntil < now) dead++;
        // To copy a million entries for ten that have expired is not worth it.
        if (dead * 8 > count) Rebuild(Math.Max(Smallest, (int)((count - dead) / MostFull * Growth)), now);
    }

    /// <summary>Every entry, for a snapshot. The writer's alone.</summary>
    public IEnumerable<Revocation> All()
    {
        foreach (var entry in table)
            if (entry.KeepUntil != 0) yield return new(0, RevocationKind.Session, entry.Id.ToString("D"), entry.KeepUntil);
        foreach (var (mark, keepUntil) in marks)
            yield return mark.Length == 0 ? new(0, RevocationKind.Pool, mark, keepUntil) : new(0, RevocationKind.Client, mark, keepUntil);
    }

    void Put(Guid session, uint keepUntil)
    {
        if (count + 1 > table.Length * MostFull) Rebuild((int)(table.Length * Growth), 0);
        if (Place(table, session, keepUntil)) Volatile.Write(ref count, count + 1);
    }

    void Rebuild(int size, long now)
    {
        var (old, next, kept) = (table, new Entry[size], 0);
        foreach (var entry in old)
            if (entry.KeepUntil != 0 && entry.KeepUntil >= now && Place(next, entry.Id, entry.KeepUntil)) kept++;
        Volatile.Write(ref table, next);
        Volatile.Write(ref count, kept);
    }

    // True if it was not there.
    static bool Place(Entry[] entries, Guid session, uint keepUntil)
    {
        for (var at = Slot(session, entries.Length); ; at = at + 1 == entries.Length ? 0 : at + 1)
        {
            ref var entry = ref entries[at];
            if (entry.KeepUntil != 0 && entry.Id != session) continue;
            var isNew = entry.KeepUntil == 0;
            if (isNew) entry.Id = session;
            Volatile.Write(ref entry.KeepUntil, Math.Max(entry.KeepUntil, keepUntil));
            return isNew;
        }
    }

    // Session ids are random, and come from signed tokens and the feed only: folding is hash enough.
    static int Slot(Guid session, int length)
    {
        var halves = MemoryMarshal.Cast<Guid, ulong>(MemoryMarshal.CreateReadOnlySpan(ref session, 1));
        var folded = halves[0] ^ halves[1];
        return (int)((ulong)(uint)(folded ^ (folded >> 32)) * (uint)length >> 32);
    }
}
