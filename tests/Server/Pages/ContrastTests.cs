using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace Poolhouse.Server.Tests.Pages;

/// <summary>WCAG 2.2: 1.4.3 for text, 1.4.11 for the edges of controls, in both colour schemes.</summary>
public partial class ContrastTests
{
    [Theory]
    [InlineData("ink", "deck", 4.5)]
    [InlineData("ink", "card", 4.5)]
    [InlineData("quiet", "deck", 4.5)]
    [InlineData("quiet", "card", 4.5)]
    [InlineData("deep", "deck", 4.5)]
    [InlineData("deep", "card", 4.5)]
    [InlineData("on-deep", "deep", 4.5)]
    [InlineData("on-deep", "deep-hover", 4.5)]
    [InlineData("bad", "bad-wash", 4.5)]
    [InlineData("edge", "deck", 3)]
    [InlineData("bad", "deck", 3)]
    public void Colours_stand_apart(string front, string back, double atLeast)
    {
        foreach (var scheme in Schemes())
            Assert.InRange(Contrast(scheme[front], scheme[back]), atLeast, 21);
    }

    static Dictionary<string, string>[] Schemes()
    {
        using var stream = typeof(Poolhouse.Server.Login.SignIn.SignInPage).Assembly.GetManifestResourceStream("assets/pages.css")!;
        var css = new StreamReader(stream).ReadToEnd();
        Dictionary<string, string>[] schemes = [.. Root().Matches(css).Select(root =>
            Colour().Matches(root.Value).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value))];
        Assert.Equal(2, schemes.Length);
        return schemes;
    }

    static double Contrast(string a, string b)
    {
        var (light, dark) = (Math.Max(Luminance(a), Luminance(b)), Math.Min(Luminance(a), Luminance(b)));
        return (light + 0.05) / (dark + 0.05);
    }

    static double Luminance(string hex) => 0.2126 * Channel(hex, 0) + 0.7152 * Channel(hex, 2) + 0.0722 * Channel(hex, 4);

    static double Channel(string hex, int at)
    {
        var value = int.Parse(hex.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
        return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
    }

    [GeneratedRegex(@":root \{[^}]*\}")]
    private static partial Regex Root();

    [GeneratedRegex("--([a-z-]+): #([0-9a-f]{6});")]
    private static partial Regex Colour();
}
