using Poolhouse.Core.Keys;
using Xunit;

namespace Poolhouse.Unit.Tests.Keys;

public class SealingTests
{
    static readonly MasterKey Master = MasterKey.Create();
    static readonly Sealing Seals = new(Master);

    [Fact]
    public void What_was_sealed_opens_for_its_owner_and_purpose_under_its_key_only()
    {
        var made = Seals.Seal("client-secret", "pool/client", "s3cret");
        Assert.Equal("s3cret", Seals.OpenText("client-secret", "pool/client", made));
        Assert.Equal("s3cret", new Sealing(MasterKey.Parse(Master.Export())).OpenText("client-secret", "pool/client", made));
        Assert.Null(Seals.Open("client-secret", "pool/other", made));
        Assert.Null(Seals.Open("client-secret", "other/client", made));
        Assert.Null(Seals.Open("srp-verifier", "pool/client", made));
        Assert.Null(new Sealing(MasterKey.Create()).Open("client-secret", "pool/client", made));
    }

    [Fact]
    public void A_changed_or_shortened_box_does_not_open()
    {
        var made = Seals.Seal("p", "o", "text");
        for (var at = 0; at < made.Length; at++)
        {
            var changed = (byte[])made.Clone();
            changed[at] ^= 1;
            Assert.Null(Seals.Open("p", "o", changed));
            Assert.Null(Seals.Open("p", "o", made.AsSpan(0, at)));
        }
    }

    [Fact]
    public void The_same_text_is_sealed_differently_each_time_and_never_shows()
    {
        var (one, two) = (Seals.Seal("p", "o", "the same text"), Seals.Seal("p", "o", "the same text"));
        Assert.NotEqual(one, two);
        Assert.True(one.AsSpan().IndexOf("same"u8) < 0);
    }

    [Fact]
    public void A_master_key_has_32_bytes_and_every_purpose_a_key_of_its_own()
    {
        Assert.Throws<FormatException>(() => MasterKey.Parse("AAAA"));
        Assert.Throws<FormatException>(() => MasterKey.Parse("not base64"));
        Assert.NotEqual(Master.Derive("a"), Master.Derive("b"));
        Assert.NotEqual(Master.Hash("a", "x"), Master.Hash("b", "x"));
        Assert.Equal(Master.CheckValue(), MasterKey.Parse(Master.Export() + "\n").CheckValue());
        Assert.NotEqual(Master.CheckValue(), MasterKey.Create().CheckValue());
    }
}
