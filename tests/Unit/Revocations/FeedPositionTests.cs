using CsCheck;
using Poolhouse.Tokens.Revocations;
using Xunit;

namespace Poolhouse.Unit.Tests.Revocations;

public class FeedPositionTests
{
    const string Epoch = "0123456789abcdef0123456789abcdef";

    [Fact]
    public void A_position_reads_what_it_wrote() => Gen.Select(Gen.Byte.Array[16], Gen.Long[0, long.MaxValue]).Sample((epoch, seq) =>
    {
        var position = new FeedPosition(Convert.ToHexStringLower(epoch), seq);
        Assert.True(FeedPosition.TryParse(position.ToString(), out var read));
        Assert.Equal(position, read);
    }, iter: 500);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(":")]
    [InlineData(Epoch)]
    [InlineData(Epoch + ":")]
    [InlineData(Epoch + ":-1")]
    [InlineData(Epoch + ":+1")]
    [InlineData(Epoch + ": 1")]
    [InlineData(Epoch + ":1 ")]
    [InlineData(Epoch + ":1.0")]
    [InlineData(Epoch + ":1,000")]
    [InlineData(Epoch + ":0x1")]
    [InlineData(Epoch + ":\u0661")]
    [InlineData(Epoch + ":1:2")]
    [InlineData(Epoch + ":9223372036854775808")]
    [InlineData(Epoch + ":00000000000000000001")]
    [InlineData(Epoch + "-1")]
    [InlineData("0" + Epoch + ":1")]
    [InlineData(" " + Epoch + ":1")]
    [InlineData("0123456789ABCDEF0123456789abcdef:1")]
    [InlineData("0123456789abcdeg0123456789abcdef:1")]
    [InlineData("0123456789abcde:0123456789abcdef:1")]
    [InlineData("latest")]
    [InlineData("17")]
    public void Anything_of_another_form_is_no_position(string? text) => Assert.False(FeedPosition.TryParse(text, out _));
}
