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
        Assert.Equal(expected, new(Srp.Verifier("us-east-1_AbCdEfGhI", "alice", "Correct-Horse1", Salt), isUnsigned: true, isBigEndian: true));
    }

    [Fact]
    public void Whatever_enters_the_verifier_matters()
    {
        var verifier = Srp.Verifier("us-east-1_AbCdEfGhI", "alice", "Correct-Horse1", Salt);
        Assert.Equal(verifier, Srp.Verifier("eu-west-1_AbCdEfGhI", "alice", "Correct-Horse1", Salt));
        Assert.NotEqual(verifier, Srp.Verifier("us-east-1_AbCdEfGhi", "alice", "Correct-Horse1", Salt));
        Assert.NotEqual(verifier, Srp.Verifier("us-east-1_AbCdEfGhI", "Alice", "Correct-Horse1", Salt));
        Assert.NotEqual(verifier, Srp.Verifier("us-east-1_AbCdEfGhI", "alice", "Correct-Horse2", Salt));
        Assert.NotEqual(verifier, Srp.Verifier("us-east-1_AbCdEfGhI", "alice", "Correct-Horse1", [.. Salt[..15], 0]));
    }

    [Fact]
    public void Composed_and_decomposed_letters_are_two_passwords_since_clients_hash_what_was_typed() => Assert.NotEqual(
        Srp.Verifier("us-east-1_A", "alice", "caf\u00e9", Salt), Srp.Verifier("us-east-1_A", "alice", "cafe\u0301", Salt));

    [Theory]
    [InlineData(0x7F, "7f"), InlineData(0x80, "0080"), InlineData(0xFF, "00ff"), InlineData(0x100, "0100"), InlineData(0, "00")]
    public void Numbers_are_padded_to_their_sign_and_no_further(int number, string hex) => Assert.Equal(hex, Convert.ToHexStringLower(Srp.Pad(number)));
}
