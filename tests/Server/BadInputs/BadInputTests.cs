using System.Buffers.Text;
using System.Security.Cryptography;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.BadInputs;

/// <summary>One bad input: its row of security.md §4, where it goes, what it is, and what must come back.</summary>
public sealed record BadInput(string Row, string Endpoint, string What, Func<Stage, Task<Answer>> Send, Action<Answer> Expected);

public class BadInputTests(Stage stage) : IClassFixture<Stage>
{
    static readonly Dictionary<string, BadInput> Table =
        new[] { AuthorizeInputs.Rows, TokenInputs.Rows, BearerInputs.Rows, ApiInputs.Rows }.SelectMany(rows => rows).ToDictionary(row => $"{row.Row} {row.Endpoint}: {row.What}");

    public static TheoryData<string> Rows() => [.. Table.Keys];

    [Theory, MemberData(nameof(Rows))]
    public async Task Is_refused_as_the_table_says(string row)
    {
        var (_, _, _, send, expected) = Table[row];
        var logged = stage.Realm.Server.Log.Count;
        var answer = await send(stage);
        Expect.Decent(answer);
        expected(answer);
        Assert.DoesNotContain(stage.Realm.Server.Log.Skip(logged), line => line.StartsWith("Error", StringComparison.Ordinal) || line.StartsWith("Critical", StringComparison.Ordinal));
    }

    // Rows of what is not built yet: a sign-out by POST (B49), SRP (B55).
    static readonly string[] NotBuilt = ["B49", "B55"];

    [Fact]
    public void Every_row_of_the_sixty_is_here_or_named_as_not_built() => Assert.Equal(
        Enumerable.Range(1, 60).Select(number => $"B{number:00}"), Table.Values.Select(row => row.Row).Concat(NotBuilt).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("/oauth2/token"), InlineData("/oauth2/revoke"), InlineData("/oauth2/introspect"), InlineData("/oauth2/userInfo"), InlineData("/login")]
    public async Task Whatever_is_posted_nothing_answers_5xx(string path)
    {
        var random = RandomNumberGenerator.GetBytes(60 * 100);
        string[] names = ["grant_type", "client_id", "code", "refresh_token", "redirect_uri", "code_verifier", "client_secret", "token", "scope", "username"];
        for (var round = 0; round < 60; round++)
        {
            var bytes = random.AsSpan(round * 100, 100);
            var noise = round % 3 == 0 ? Convert.ToHexString(bytes) : round % 3 == 1 ? Base64Url.EncodeToString(bytes)[..74] : string.Concat(bytes.ToArray().Select(one => $"%{one:X2}"));
            var grant = round % 2 == 0 ? "refresh_token" : "authorization_code";
            var body = $"grant_type={grant}&client_id={stage.Web}&" + string.Join('&', names.Skip(2 + (round % 3)).Select(name => $"{name}={noise}"));
            Expect.Decent(await stage.Token(body, round % 4 == 0 ? noise : null, path));
        }
    }
}
