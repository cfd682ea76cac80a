using System.Security.Cryptography;
using System.Runtime.InteropServices;
using Poolhouse.Guard.Tests.Actors;
using Poolhouse.Tokens;
using Xunit;

namespace Poolhouse.Guard.Tests.Sets;

/// <summary>The memory of verified tokens: never more than it may hold, and never another token's.</summary>
public sealed class VerifiedTokensTests
{
    static readonly TokenForge Forge = new(FakeIssuer.Pool, ForgedKey.Rsa("first"), GuardPost.NewClock());

    [Fact]
    public async Task It_stays_within_its_bound_and_finds_what_is_in_use_while_many_use_it()
    {
        var (memory, faults, favourite) = (new VerifiedTokens(1000), 0, Made());
        var hot = Hash();
        memory.Now.Add(hot, favourite);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            var made = Made();
            for (var at = 0; at < 20_000; at++)
            {
                var hash = Hash();
                memory.Now.Add(hash, made);
                if (memory.Find(hash) is { } found && found != made) Interlocked.Increment(ref faults);
                if (at % 50 == 0 && memory.Find(hot) != favourite) Interlocked.Increment(ref faults);
                if (memory.Count > 1100) Interlocked.Increment(ref faults);
            }
        })));
        Assert.Equal(0, faults);
        Assert.InRange(memory.Count, 500, 1000);
    }

    [Fact]
    public void What_was_verified_before_it_forgot_is_not_remembered_after()
    {
        var memory = new VerifiedTokens(10);
        var before = memory.Now;
        memory.Clear();
        var hash = Hash();
        before.Add(hash, Made());
        Assert.Null(memory.Find(hash));
        for (var more = 0; more < 100; more++) before.Add(Hash(), Made());
        Assert.Equal(0, memory.Count);
    }

    [Fact]
    public void With_room_for_none_it_remembers_none()
    {
        var memory = new VerifiedTokens(0);
        var hash = Hash();
        memory.Now.Add(hash, Made());
        Assert.Null(memory.Find(hash));
    }

    [Fact]
    public void A_hash_is_of_all_characters_and_of_nothing_else()
    {
        Assert.True(VerifiedTokens.TryHash("a.b.c", out var one));
        Assert.True(VerifiedTokens.TryHash("a.b.d", out var other));
        Assert.NotEqual(one, other);
        Assert.False(VerifiedTokens.TryHash("a.b.ü", out _));
        Assert.False(VerifiedTokens.TryHash(new string('a', 8193), out _));
        Assert.Equal(SHA256.HashData("a.b.c"u8.ToArray()), MemoryMarshal.AsBytes(new ReadOnlySpan<TokenHash>(in one)).ToArray());
    }

    static TokenHash Hash() => MemoryMarshal.Read<TokenHash>(RandomNumberGenerator.GetBytes(32));

    static VerifiedToken Made()
    {
        Assert.True(Jwt.TryRead(Forge.Access(), out var jwt));
        return new(jwt.Payload, TokenForge.Web, TokenUse.Access, default, 0, 0);
    }
}
