using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests.Tokens;

/// <summary>Each kind of token at each kind of guard: what one takes, another must not (security.md J3 and J4).</summary>
public sealed class SubstitutionTests
{
    const string ForeignPool = "https://id.example.com/us-east-1_Other0002";

    static readonly string[] Guards = ["access", "id", "either", "other clients", "other pool"];

    static readonly Dictionary<string, GuardRefusal[]> Expected = new()
    {
        ["id"] = [GuardRefusal.WrongTokenUse, GuardRefusal.None, GuardRefusal.None, GuardRefusal.WrongTokenUse, GuardRefusal.WrongIssuer],
        ["access"] = [GuardRefusal.None, GuardRefusal.WrongTokenUse, GuardRefusal.None, GuardRefusal.WrongClient, GuardRefusal.WrongIssuer],
        ["logout"] = [GuardRefusal.WrongTokenUse, GuardRefusal.WrongTokenUse, GuardRefusal.WrongTokenUse, GuardRefusal.WrongTokenUse, GuardRefusal.WrongIssuer],
        ["machine"] = [GuardRefusal.None, GuardRefusal.WrongTokenUse, GuardRefusal.None, GuardRefusal.WrongClient, GuardRefusal.WrongIssuer],
        ["foreign"] = [GuardRefusal.WrongIssuer, GuardRefusal.WrongIssuer, GuardRefusal.WrongIssuer, GuardRefusal.WrongIssuer, GuardRefusal.None],
    };

    public static TheoryData<string, string, GuardRefusal> Cells
    {
        get
        {
            var cells = new TheoryData<string, string, GuardRefusal>();
            foreach (var (token, row) in Expected)
                for (var at = 0; at < Guards.Length; at++) cells.Add(token, Guards[at], row[at]);
            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task A_token_passes_only_the_guard_that_it_was_made_for(string token, string guard, GuardRefusal expected)
    {
        await using var post = await Post(guard);
        var presented = Token(token, post);
        Assert.Equal(expected, await post.Refusal(presented));
        // Once more: what was refused is not remembered as good.
        Assert.Equal(expected, await post.Refusal(presented));
    }

    [Fact]
    public async Task A_key_of_this_pool_does_not_make_a_foreign_issuer_ours()
    {
        await using var post = await GuardPost.StartPlain();
        Assert.Equal(GuardRefusal.WrongIssuer, await post.Refusal(new TokenForge(ForeignPool, post.Forge.Key, post.Clock).Access()));
    }

    [Fact]
    public async Task A_foreign_key_under_the_name_of_ours_signs_nothing_that_passes()
    {
        await using var post = await GuardPost.StartPlain();
        var forged = post.Forge.Sign(post.Forge.AccessClaims(), new() { ["kid"] = post.Forge.Key.Kid }, ForgedKey.Rsa("foreign"));
        Assert.Equal(GuardRefusal.WrongSignature, await post.Refusal(forged));
    }

    static Task<GuardPost> Post(string guard)
    {
        var clock = GuardPost.NewClock();
        var foreign = guard == "other pool";
        return GuardPost.Start(clock, new FakeIssuer(clock, foreign ? ForeignPool : FakeIssuer.Pool), given =>
        {
            given.Revocations = RevocationSource.None;
            if (foreign) given.Issuer = ForeignPool;
            if (guard == "other clients") given.ClientIds = ["1other00000000000000000000"];
            given.TokenUse = guard switch { "id" => TokenUse.Id, "either" => TokenUse.AccessOrId, _ => TokenUse.Access };
        }, issuer => issuer.Publish(foreign ? "foreign" : "first"));
    }

    static string Token(string kind, GuardPost post)
    {
        var ours = new TokenForge(FakeIssuer.Pool, ForgedKey.Rsa("first"), post.Clock);
        return kind switch
        {
            "id" => ours.Id(),
            "access" => ours.Access(),
            "logout" => ours.Logout(),
            "machine" => ours.Machine(),
            _ => new TokenForge(ForeignPool, ForgedKey.Rsa("foreign"), post.Clock).Access(),
        };
    }
}
