using System.Security.Cryptography;
using CsCheck;
using Poolhouse.Tokens.Revocations;
using Xunit;

namespace Poolhouse.Guard.Tests.Sets;

/// <summary>The set beside a plain one: nothing is lost, nothing is invented, whoever reads while it grows and is swept.</summary>
public sealed class RevokedSetTests
{
    // Few ids, so that they meet; some differ in one bit only, or fold to the same slot.
    static readonly Gen<Guid> Id = Gen.OneOf(Gen.Int[0, 400].Select(Twin), Gen.Int[0, 400].Select(Mirrored), Gen.Guid);
    static readonly Gen<(Guid Id, long KeepUntil, bool Sweeps)> Step = Gen.Select(Id, Gen.Long[1, 1000], Gen.Int[0, 200].Select(one => one == 0));

    [Fact]
    public void It_holds_what_a_plain_set_holds() => Step.Array[0, 5000].Sample(steps =>
    {
        var (set, model, now) = (new RevokedSet(), new Dictionary<Guid, long>(), 0L);
        foreach (var (id, keepUntil, sweeps) in steps)
        {
            set.Add(RevocationKind.Session, id, null, keepUntil);
            model[id] = Math.Max(model.GetValueOrDefault(id), keepUntil);
            if (sweeps) set.Sweep(now += 25);
        }
        Assert.All(model.Where(entry => entry.Value >= now), entry => Assert.True(set.Contains(entry.Key)));
        Assert.Equal(set.Count, set.All().Count());
        Assert.All(set.All(), entry => Assert.Equal(Math.Max(model[Guid.Parse(entry.Value)], now), Math.Max(entry.KeepUntil, now)));
        Assert.All(steps.Select(step => Other(step.Id)).Where(id => !model.ContainsKey(id)), id => Assert.False(set.Contains(id)));
    }, iter: 60);

    [Fact]
    public async Task Readers_miss_nothing_and_see_nothing_that_is_not_there_while_it_grows_and_is_swept()
    {
        var set = new RevokedSet();
        var (kept, brief) = (Ids(60_000), Ids(60_000));
        var (added, done, faults) = (0, false, 0);
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!Volatile.Read(ref done))
            {
                var until = Volatile.Read(ref added);
                for (var at = Math.Max(0, until - 500); at < until; at++)
                    if (!set.Contains(kept[at]) || set.Contains(Other(kept[at]))) Interlocked.Increment(ref faults);
            }
        })).ToArray();
        for (var at = 0; at < kept.Length; at++)
        {
            set.Add(RevocationKind.Session, kept[at], null, 1_000_000);
            Volatile.Write(ref added, at + 1);
            set.Add(RevocationKind.Session, brief[at], null, at);
            if (at % 5_000 == 0) set.Sweep(at);
        }
        Volatile.Write(ref done, true);
        await Task.WhenAll(readers);
        Assert.Equal(0, faults);
        Assert.All(kept, id => Assert.True(set.Contains(id)));
    }

    [Fact]
    public void What_is_swept_gives_its_memory_back()
    {
        var set = new RevokedSet();
        foreach (var id in Ids(100_000)) set.Add(RevocationKind.Session, id, null, 100);
        Assert.InRange(set.Bytes / 100_000.0, 20, 42);
        set.Sweep(101);
        Assert.Equal((0, 1024 * 20), (set.Count, set.Bytes));
    }

    [Fact]
    public void A_mark_is_a_clients_or_the_pools_and_is_swept_too()
    {
        var set = new RevokedSet();
        Assert.False(set.ContainsMark("a"));
        set.Add(RevocationKind.Client, default, "a", 100);
        set.Add(RevocationKind.Client, default, "a", 50);
        Assert.Equal((true, false), (set.ContainsMark("a"), set.ContainsMark("b")));
        set.Add(RevocationKind.Pool, default, "us-east-1_Fake00001", 200);
        Assert.Equal((true, 2), (set.ContainsMark("b"), set.Count));
        set.Sweep(101);
        Assert.Equal((true, 1), (set.ContainsMark("a"), set.Count));
        set.Sweep(201);
        Assert.Equal((false, 0), (set.ContainsMark("a"), set.Count));
    }

    [Fact]
    public void The_id_of_nulls_is_an_id_like_any_other()
    {
        var set = new RevokedSet();
        Assert.False(set.Contains(Guid.Empty));
        set.Add(RevocationKind.Session, Guid.Empty, null, 100);
        Assert.True(set.Contains(Guid.Empty));
    }

    static Guid[] Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => new Guid(RandomNumberGenerator.GetBytes(16)))];

    static Guid Other(Guid id)
    {
        var bytes = id.ToByteArray();
        bytes[15] ^= 1;
        return new(bytes);
    }

    static Guid Twin(int number) => new(number, 0, 0, new byte[8]);

    // Both halves alike: they fold to nothing, and all want the same slot.
    static Guid Mirrored(int number) => new([.. BitConverter.GetBytes((long)number), .. BitConverter.GetBytes((long)number)]);
}
