using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using Poolhouse.Core.Users;
using Xunit;

namespace Poolhouse.Unit.Tests.Users;

public class SrpTests
{
    static readonly byte[] Salt = Convert.FromHexString("f0112233445566778899aabbccddeeff");

    [Fact]
    public void The_prime_is_group_15_of_RFC_3526() => Assert.Equal("48cf8b092fbce4359d9871abf74f98e25b6163379eaa15cd9087e800c6d1c55c",
        Convert.ToHexStringLower(SHA256.HashData(Srp.N.ToByteArray(isUnsigned: true, isBigEndian: true))));

    [Fact]
    public void The_multiplier_is_that_of_Cognitos_clients() => Assert.Equal("538282c4354742d7cbbde2359fcf67f9f5b3a6b08791e5011b43b8a5b66d9ee6",
        Convert.ToHexStringLower(SHA256.HashData([.. Srp.Pad(Srp.N), .. Srp.Pad(2)])));

    [Fact]
    public void A_verifier_is_g_to_the_x_of_the_check_vector()
    {
        var x = BigInteger.Parse("05aadaae9861a90d382ad924e082ff6fd75ea56ca5434e04071c76fc724ab3839", NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        var expected = BigInteger.ModPow(2, x, Srp.N);
        Assert.Equal(expected, new(Srp.Verifier("AbCdEfGhI", "alice", "Correct-Horse1", Salt), isUnsigned: true, isBigEndian: true));
    }

    [Fact]
    public void Whatever_enters_the_verifier_matters()
    {
        var verifier = Srp.Verifier("AbCdEfGhI", "alice", "Correct-Horse1", Salt);
        Assert.NotEqual(verifier, Srp.Verifier("AbCdEfGhi", "alice", "Correct-Horse1", Salt));
        Assert.NotEqual(verifier, Srp.Verifier("AbCdEfGhI", "Alice", "Correct-Horse1", Salt));
        Assert.NotEqual(verifier, Srp.Verifier("AbCdEfGhI", "alice", "Correct-Horse2", Salt));
        Assert.NotEqual(verifier, Srp.Verifier("AbCdEfGhI", "alice", "Correct-Horse1", [.. Salt[..15], 0]));
    }

    [Fact]
    public void The_name_of_a_pool_in_the_hash_is_what_follows_the_region() => Assert.Equal("AbCdEfGhI", Srp.PoolName("us-east-1_AbCdEfGhI"));

    [Fact]
    public void The_signature_of_the_check_vector_is_right_and_any_other_is_not()
    {
        var (a, b) = (Number("client ephemeral example"), Number("server ephemeral example"));
        var verifier = Srp.Verifier("AbCdEfGhI", "alice", "Correct-Horse1", Salt);
        var k = Srp.Number(SHA256.HashData([.. Srp.Pad(Srp.N), .. Srp.Pad(2)]));
        var exchange = new SrpExchange(
            Srp.Hex(BigInteger.ModPow(2, a, Srp.N)), Srp.Hex((k * Srp.Number(verifier) + BigInteger.ModPow(2, b, Srp.N)) % Srp.N), Srp.Hex(b));
        var claim = new SrpClaim(
            Convert.FromBase64String("b3BhcXVlLXNlY3JldC1ibG9jaw=="), "Tue May 7 00:09:40 UTC 2024", Convert.FromBase64String("HcdLRvHcxkHY9I1Tyg2VIZBBT+NRkL6tGs10APqcoJM="));

        Assert.True(Srp.Verify(exchange, verifier, "AbCdEfGhI", "alice", claim));
        Assert.False(Srp.Verify(exchange, verifier, "AbCdEfGhI", "alicf", claim));
        Assert.False(Srp.Verify(exchange, verifier, "AbCdEfGhI", "alice", claim with { Timestamp = "Tue May 7 00:09:41 UTC 2024" }));
        Assert.False(Srp.Verify(exchange, verifier, "AbCdEfGhI", "alice", claim with { SecretBlock = [.. claim.SecretBlock, 0] }));
        Assert.False(Srp.Verify(exchange, Srp.Verifier("AbCdEfGhI", "alice", "Correct-Horse2", Salt), "AbCdEfGhI", "alice", claim));
        Assert.False(Srp.Verify(exchange with { Secret = Srp.Hex(b + 1) }, verifier, "AbCdEfGhI", "alice", claim));
        Assert.False(Srp.Verify(exchange, verifier, "AbCdEfGhI", "alice", claim with { Signature = [] }));
    }

    [Fact]
    public void Each_exchange_has_an_ephemeral_of_its_own()
    {
        var verifier = Srp.Verifier("AbCdEfGhI", "alice", "Correct-Horse1", Salt);
        var (one, other) = (Srp.Begin(12345, verifier), Srp.Begin(12345, verifier));
        Assert.NotEqual(one.B, other.B);
        Assert.NotEqual(one.Secret, other.Secret);
        Assert.True(one.Secret.Length > 100, "b has 512 random bits");
    }

    [Fact]
    public void Public_values_that_would_make_the_key_known_are_refused()
    {
        foreach (var multiple in (BigInteger[])[0, Srp.N, 2 * Srp.N]) Assert.False(Srp.TryReadPublic(Srp.Hex(multiple), out _));
        foreach (var text in (string[])["", "xyz", "-1", " 1", "0x12", new string('f', 1025)]) Assert.False(Srp.TryReadPublic(text, out _));
        Assert.True(Srp.TryReadPublic("0ABC", out var a) && a == 0xABC);
        Assert.True(Srp.TryReadPublic(Srp.Hex(Srp.N + 1), out _));
    }

    [Fact]
    public void No_exchange_goes_on_in_which_the_verifier_would_not_matter()
    {
        Assert.False(Srp.Admits(0, 1));
        Assert.False(Srp.Admits(Srp.N, 1));
        Assert.False(Srp.Admits(1, 0));
        Assert.True(Srp.Admits(1, 1));
    }

    static BigInteger Number(string seed) => Srp.Number(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(seed)));

    [Fact]
    public void Composed_and_decomposed_letters_are_two_passwords_since_clients_hash_what_was_typed() => Assert.NotEqual(
        Srp.Verifier("A", "alice", "caf\u00e9", Salt), Srp.Verifier("A", "alice", "cafe\u0301", Salt));

    [Theory]
    [InlineData(0x7F, "7f"), InlineData(0x80, "0080"), InlineData(0xFF, "00ff"), InlineData(0x100, "0100"), InlineData(0, "00")]
    public void Numbers_are_padded_to_their_sign_and_no_further(int number, string hex) => Assert.Equal(hex, Convert.ToHexStringLower(Srp.Pad(number)));
}
