using System.Buffers.Text;
using System.Security.Cryptography;
using CsCheck;
using Poolhouse.Core;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Sessions;
using Xunit;

namespace Poolhouse.Unit.Tests.Sessions;

public class RefreshTokenTests
{
    static readonly MasterKey Master = MasterKey.Create();
    static readonly RefreshTokens Tokens = new(Master);

    [Fact]
    public void A_token_says_again_what_it_was_derived_from() => Gen.Select(Gen.UInt, Gen.UShort).Sample((generation, key) =>
    {
        var session = NewSession(key);
        Assert.True(RefreshTokens.TryRead(Tokens.Derive(session, generation), out var read));
        Assert.Equal((session.Id, generation, key), (read.Family, read.Generation, read.KeyId));
        Assert.True(Tokens.IsGenuine(read, session));
    }, iter: 200);

    [Fact]
    public void The_same_generation_is_the_same_token_to_the_byte_on_every_node()
    {
        var session = NewSession();
        Assert.Equal(Tokens.Derive(session, 7), new RefreshTokens(MasterKey.Parse(Master.Export())).Derive(session, 7));
        Assert.NotEqual(Tokens.Derive(session, 7), Tokens.Derive(session, 8));
        Assert.Matches("^[A-Za-z0-9_-]{74}$", Tokens.Derive(session, 7));
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        var session = NewSession();
        var genuine = Base64Url.DecodeFromChars(Tokens.Derive(session, 3));
        for (var bit = 0; bit < genuine.Length * 8; bit++)
        {
            var forged = (byte[])genuine.Clone();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            var isRead = RefreshTokens.TryRead(Base64Url.EncodeToString(forged), out var read);
            Assert.False(isRead && Tokens.IsGenuine(read, session), $"bit {bit} may be flipped");
        }
    }

    [Fact]
    public void Another_salt_another_master_key_and_an_unknown_family_are_not_genuine()
    {
        var session = NewSession();
        Assert.True(RefreshTokens.TryRead(Tokens.Derive(session, 0), out var read));
        Assert.False(Tokens.IsGenuine(read, session with { Salt = RandomNumberGenerator.GetBytes(16) }));
        Assert.False(new RefreshTokens(MasterKey.Create()).IsGenuine(read, session));
        Assert.False(Tokens.IsGenuine(read, null));
    }

    [Fact]
    public void A_text_that_decodes_to_the_same_bytes_but_is_not_the_one_that_we_write_is_no_token()
    {
        const string alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var token = Tokens.Derive(NewSession(), 0);
        // 55 bytes leave four bits of the last character unused: fifteen other characters decode to the same bytes.
        var last = alphabet.IndexOf(token[^1], StringComparison.Ordinal);
        for (var other = 0; other < 16; other++)
        {
            var sibling = alphabet[(last & ~15) | other];
            Assert.Equal(sibling == token[^1], RefreshTokens.TryRead(token[..^1] + sibling, out _));
        }
    }

    public static TheoryData<string> Malformed() =>
    [
        "", "x", new string('!', 74), new string('=', 74), new string(' ', 74), new string('A', 73), new string('A', 75), new string('A', 74),
        "AQAB" + new string('.', 70), "AQAB" + new string('\u00e9', 70), "AQAB" + new string('+', 70), new string('A', 72) + "==", new string('\ud800', 74),
    ];

    [Theory, MemberData(nameof(Malformed))]
    public void What_has_not_our_form_is_refused_without_a_fault(string text)
    {
        Assert.False(RefreshTokens.TryRead(text, out _));
        Assert.False(RefreshTokens.TryRead(null, out _));
    }

    [Fact]
    public void Any_text_is_read_or_refused() => Gen.OneOf(Gen.String, Gen.String[Gen.Char, 74, 74], Gen.String[Gen.Char['!', '~'], 74, 74])
        .Sample(text => { RefreshTokens.TryRead(text, out _); }, iter: 2000);

    static Session NewSession(long key = 1) => new(
        Ids.Uuid(), "us-east-1_A", "client", Ids.Uuid(), Birth.Api, Session.ApiScope, null, 0, 1, 0, key, RandomNumberGenerator.GetBytes(16), 0);
}
