using System.Text;
using CsCheck;
using Microsoft.AspNetCore.Http;
using Poolhouse.Server.Http;
using Xunit;

namespace Poolhouse.Unit.Tests.Http;

public class StrictFormTests
{
    [Theory]
    [InlineData("a=1", "1")]
    [InlineData("a=http://localhost:3000", "http://localhost:3000")]
    [InlineData("a=x%20y+z", "x y z")]
    [InlineData("a=%C3%A9", "\u00e9")]
    [InlineData("%61=1", "1")]
    [InlineData("a=1=2", "1=2")]
    [InlineData("&&a=1&", "1")]
    [InlineData("a=", null)]
    [InlineData("a", null)]
    [InlineData("", null)]
    [InlineData("a=&a=1", "1")]
    [InlineData("b=1", null)]
    public async Task A_field_is_decoded_once(string body, string? value) => Assert.Equal(value, (await Read(body))["a"]);

    [Theory]
    [InlineData("a=1&a=2"), InlineData("a=1&a=1"), InlineData("a=1&%61=1")]
    [InlineData("a=%"), InlineData("a=%4"), InlineData("a=%zz"), InlineData("a=%+1"), InlineData("%=1")]
    [InlineData("a=%00"), InlineData("%00=1"), InlineData("a=x%00y")]
    [InlineData("a=%FF%FE"), InlineData("a=%C3"), InlineData("a=%ED%A0%80"), InlineData("a=%C0%80"), InlineData("%FF=1")]
    public async Task What_can_be_read_in_two_ways_or_in_none_is_refused_and_not_repeated(string body)
    {
        var fault = await Assert.ThrowsAsync<StrictFormException>(() => Read(body));
        Assert.Equal(400, fault.Status);
        Assert.DoesNotContain("a=", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json"), InlineData("multipart/form-data; boundary=x"), InlineData("text/plain"), InlineData(null)]
    public async Task Only_forms_are_forms(string? type) => await Assert.ThrowsAsync<StrictFormException>(() => Read("a=1", type));

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task A_body_has_64_KB_at_most_whether_it_says_how_long_it_is_or_not(bool isAnnounced)
    {
        var most = "a=" + new string('x', 65_534);
        Assert.Equal(65_534, (await Read(most, isAnnounced: isAnnounced))["a"]!.Length);
        Assert.Equal(413, (await Assert.ThrowsAsync<StrictFormException>(() => Read(most + "x", isAnnounced: isAnnounced))).Status);
    }

    [Fact]
    public void What_was_encoded_comes_back() => Gen.String.Where(text => !text.Contains('\0', StringComparison.Ordinal) && text.Length > 0
            && text.EnumerateRunes().All(rune => rune != Rune.ReplacementChar))
        .Sample(text => Read("a=" + Uri.EscapeDataString(text)).Result["a"] == text, iter: 500);

    [Fact]
    public void Any_bytes_are_read_or_refused() => Gen.Byte.Array.Sample(bytes =>
    {
        try
        {
            _ = Read(bytes).Result;
        }
        catch (AggregateException refused) when (refused.InnerException is StrictFormException)
        {
            // Refused in the one way that a form is refused.
        }
    }, iter: 500);

    static Task<StrictForm> Read(string body, string? type = "application/x-www-form-urlencoded", bool isAnnounced = true) =>
        Read(Encoding.UTF8.GetBytes(body), type, isAnnounced);

    static Task<StrictForm> Read(byte[] body, string? type = "application/x-www-form-urlencoded", bool isAnnounced = true)
    {
        var request = new DefaultHttpContext().Request;
        request.ContentType = type;
        request.ContentLength = isAnnounced ? body.Length : null;
        request.Body = new MemoryStream(body);
        return StrictForm.Read(request, TestContext.Current.CancellationToken);
    }
}
