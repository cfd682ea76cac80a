using System.Text;
using Poolhouse.Core.Users;
using Xunit;

namespace Poolhouse.Unit.Tests.Users;

public class TotpTests
{
    // RFC 6238, appendix B, for SHA-1; the last six of its eight digits.
    static readonly byte[] Secret = Encoding.ASCII.GetBytes("12345678901234567890");

    [Theory]
    [InlineData(59, "287082"), InlineData(1111111109, "081804"), InlineData(1111111111, "050471"), InlineData(1234567890, "005924"),
     InlineData(2000000000, "279037"), InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_RFC(long seconds, string code) => Assert.Equal(code, Totp.Code(Secret, seconds / 30));

    [Theory]
    [InlineData(-60, false), InlineData(-30, true), InlineData(0, true), InlineData(30, true), InlineData(60, false)]
    public void A_step_to_either_side_is_taken_and_no_more(long offset, bool taken)
    {
        const long Now = 1_700_000_010;
        var step = Totp.StepOf(Secret, Totp.Code(Secret, (Now + offset) / 30), Now * 1000);
        Assert.Equal(taken ? (Now + offset) / 30 : (long?)null, step);
    }

    [Theory]
    [InlineData(""), InlineData("12345"), InlineData("1234567"), InlineData("２８７０８２"), InlineData("287 082")]
    public void What_is_not_the_code_to_the_letter_is_none(string typed) => Assert.Null(Totp.StepOf(Secret, typed, 59_000));

    [Theory]
    [InlineData("", ""), InlineData("f", "MY"), InlineData("fo", "MZXQ"), InlineData("foo", "MZXW6"), InlineData("foob", "MZXW6YQ"),
     InlineData("fooba", "MZXW6YTB"), InlineData("foobar", "MZXW6YTBOI")]
    public void Secrets_are_shown_in_the_base_32_of_RFC_4648(string clear, string text) => Assert.Equal(text, Totp.Text(Encoding.ASCII.GetBytes(clear)));

    [Fact]
    public void The_QR_codes_text_escapes_what_people_call_themselves() => Assert.Equal(
        "otpauth://totp/Pool%20%26%20House:ana%40example.com?secret=ABC&issuer=Pool%20%26%20House", Totp.Uri("Pool & House", "ana@example.com", "ABC"));

    [Fact]
    public void New_secrets_are_long_and_never_the_same()
    {
        var (one, other) = (Totp.NewSecret(), Totp.NewSecret());
        Assert.Equal(32, one.Length);
        Assert.NotEqual(one, other);
    }
}
