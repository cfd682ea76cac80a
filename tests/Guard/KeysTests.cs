using System.Net;
using System.Text.Json.Nodes;
using Poolhouse.Guard.Tests.Actors;
using Xunit;

namespace Poolhouse.Guard.Tests;

/// <summary>The issuer's keys: had before they are needed, asked for once, and kept while nobody can be asked (security.md J6, F11).</summary>
public sealed class KeysTests
{
    static readonly Dictionary<string, Func<CancellationToken, Task<HttpResponseMessage>>> Useless = new()
    {
        ["garbage"] = _ => Answer("<html>"),
        ["nothing"] = _ => Answer(""),
        ["no keys"] = _ => Answer("{}"),
        ["an empty list"] = _ => Answer("""{"keys":[]}"""),
        ["keys that are none"] = _ => Answer("""{"keys":[1,"a",null,{}]}"""),
        ["an error"] = _ => Answer("{}", HttpStatusCode.InternalServerError),
        ["too much"] = _ => Answer($$"""{"keys":[],"pad":"{{new string('x', 300 * 1024)}}"}"""),
        ["without an end"] = _ => Task.FromResult(new HttpResponseMessage { Content = new StreamContent(new Endless()) }),
        ["a redirect"] = _ => Task.FromResult(new HttpResponseMessage(HttpStatusCode.Found) { Headers = { Location = new("https://evil.example.net/keys") } }),
        ["an encryption key"] = _ => Answer(With(ForgedKey.Rsa("second"), ("use", "enc"))),
        ["a key without a name"] = _ => Answer(With(ForgedKey.Rsa("second"), ("kid", null))),
        ["a key of an algorithm that is none"] = _ => Answer(With(ForgedKey.Rsa("second"), ("alg", "none"))),
        ["a key of another family's algorithm"] = _ => Answer(With(ForgedKey.Rsa("second"), ("alg", "HS256"))),
        ["a certificate and no key"] = _ => Answer(With(ForgedKey.Rsa("second"), ("n", null), ("e", null), ("x5c", new JsonArray("MIIB")))),
        ["a key of 1024 bits"] = _ => Answer(With(ForgedKey.Rsa("short", 1024))),
        ["a point that is not on the curve"] = _ => Answer(With(ForgedKey.Ec("curve"), ("x", "AAAA"))),
        ["a shared secret"] = _ => Answer("""{"keys":[{"kty":"oct","kid":"second","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","alg":"HS256"}]}"""),
    };

    public static TheoryData<string> UselessNames => [.. Useless.Keys];

    [Fact]
    public async Task Keys_are_there_before_the_first_call()
    {
        await using var post = await GuardPost.StartPlain();
        Assert.True(post.Status.HasKeys);
        Assert.Equal(["GET /.well-known/jwks.json"], post.Issuer.Requests);
    }

    [Fact]
    public async Task A_hundred_callers_at_once_fetch_once()
    {
        await using var post = await GuardPost.StartPlain();
        var gate = new TaskCompletionSource();
        post.Issuer.InsteadOfKeys = async _ => { await gate.Task; return FakeIssuer.Json(post.Issuer.KeySet()); };
        post.Issuer.Publish("first", "second");
        post.Pass(31);
        var token = post.Forge.Sign(post.Forge.AccessClaims(), by: ForgedKey.Rsa("second"));
        var checks = Enumerable.Range(0, 100).Select(_ => Task.Run(() => post.Refusal(token))).ToArray();
        await GuardPost.Until(() => post.Issuer.Count("jwks") == 2);
        gate.SetResult();
        Assert.All(await Task.WhenAll(checks), refusal => Assert.Equal(GuardRefusal.None, refusal));
        Assert.Equal(2, post.Issuer.Count("jwks"));
    }

    [Fact]
    public async Task Ten_thousand_invented_kids_fetch_once_in_thirty_seconds()
    {
        await using var post = await GuardPost.StartPlain(given => given.KeysRefreshedEvery = TimeSpan.FromHours(1));
        var token = post.Forge.Access();
        var rest = token[token.IndexOf('.', StringComparison.Ordinal)..];
        for (var at = 0; at < 10_000; at++)
        {
            if (at % 100 == 0) post.Pass(0.9);
            Assert.Equal(GuardRefusal.UnknownKey, await post.Refusal(TokenForge.Encode($"{{\"kid\":\"k{at}\",\"alg\":\"RS256\"}}") + rest));
        }
        // 90 seconds have passed.
        Assert.InRange(post.Issuer.Count("jwks"), 2, 4);
    }

    [Fact]
    public async Task The_last_keys_serve_while_the_issuer_is_away()
    {
        await using var post = await GuardPost.StartPlain();
        post.Issuer.Away = true;
        for (var hour = 0; hour < 24; hour++)
        {
            await post.Pumped(() => post.Log.Count("5005") > hour, 10_000);
            Assert.Equal(GuardRefusal.None, await post.Refusal(post.Forge.Access()));
        }
    }

    [Fact]
    public async Task Without_any_keys_a_call_is_told_to_come_again()
    {
        await using var post = await GuardPost.StartPlain(issuer: issuer => issuer.Away = true);
        Assert.Equal((GuardRefusal.KeysUnavailable, 503), await post.Check(post.Forge.Access()) is var result ? (result.Refusal, result.StatusCode) : default);
        post.Issuer.Away = false;
        await post.Pumped(() => post.Status.HasKeys);
        Assert.Equal(GuardRefusal.None, await post.Refusal(post.Forge.Access()));
    }

    [Fact]
    public async Task A_withdrawn_keys_tokens_are_refused_though_they_were_remembered()
    {
        await using var post = await GuardPost.StartPlain(issuer: issuer => issuer.Publish("first", "second"));
        var (gone, stays) = (post.Forge.Access(), post.Forge.Sign(post.Forge.AccessClaims(), by: ForgedKey.Rsa("second")));
        Assert.Equal((GuardRefusal.None, GuardRefusal.None), (await post.Refusal(gone), await post.Refusal(stays)));
        post.Issuer.Publish("second");
        await post.Pumped(() => post.Log.Count("1 keys were taken") == 1, 10_000);
        Assert.Equal((GuardRefusal.UnknownKey, GuardRefusal.None), (await post.Refusal(gone), await post.Refusal(stays)));
    }

    [Fact]
    public async Task Another_key_under_an_old_name_is_another_key()
    {
        await using var post = await GuardPost.StartPlain(given => given.KeysRefreshedEvery = TimeSpan.FromSeconds(30));
        var token = post.Forge.Access();
        Assert.Equal(GuardRefusal.None, await post.Refusal(token));
        post.Issuer.InsteadOfKeys = _ => Answer(With(ForgedKey.Rsa("second"), ("kid", "first")));
        post.Pass(31);
        await GuardPost.Until(() => post.Issuer.Count("jwks") == 2);
        await GuardPost.Until(() => post.Refusal(token).Result == GuardRefusal.WrongSignature);
    }

    [Theory]
    [MemberData(nameof(UselessNames))]
    public async Task A_key_set_that_is_of_no_use_leaves_the_last_good_one(string name)
    {
        await using var post = await GuardPost.StartPlain(given => given.KeysRefreshedEvery = TimeSpan.FromSeconds(30));
        post.Issuer.InsteadOfKeys = Useless[name];
        post.Pass(31);
        await GuardPost.Until(() => post.Log.Count("5005") == 1);
        Assert.Equal(GuardRefusal.None, await post.Refusal(post.Forge.Access()));
        Assert.Equal(0, post.Issuer.Count("evil"));
    }

    [Fact]
    public async Task One_useless_key_does_not_keep_a_new_good_one_out()
    {
        await using var post = await GuardPost.StartPlain(issuer: issuer => issuer.InsteadOfKeys = _ => Answer(new JsonObject
        {
            ["keys"] = new JsonArray(
                new JsonObject { ["kty"] = "RSA", ["kid"] = "a", ["n"] = "%", ["e"] = "AQAB" }, new JsonObject { ["kty"] = "EC", ["kid"] = "b", ["crv"] = "P-256", ["x"] = "AA", ["y"] = "AA" },
                new JsonObject { ["kty"] = "RSA", ["kid"] = "c", ["x5c"] = new JsonArray("MIIB") }, new JsonObject { ["kty"] = "OKP", ["kid"] = "d", ["crv"] = "Ed25519", ["x"] = "AA" },
                ForgedKey.Rsa("first").Jwk()),
        }.ToJsonString()));
        Assert.Equal(GuardRefusal.None, await post.Refusal(post.Forge.Access()));
    }

    [Fact]
    public async Task A_key_on_the_curve_works_and_is_found_again_when_it_is_withdrawn()
    {
        await using var post = await GuardPost.StartPlain(issuer: issuer => issuer.Keys = [ForgedKey.Rsa("first"), ForgedKey.Ec("curve")]);
        var token = post.Forge.Sign(post.Forge.AccessClaims(), by: ForgedKey.Ec("curve"));
        Assert.Equal(GuardRefusal.None, await post.Refusal(token));
        var claimed = TokenForge.Raw("""{"kid":"curve","alg":"RS256"}""", post.Forge.AccessClaims().ToJsonString(), data => post.Forge.Key.Sign(data));
        Assert.Equal(GuardRefusal.WrongAlgorithm, await post.Refusal(claimed));
        post.Issuer.Publish("first");
        await post.Pumped(() => post.Log.Count("1 keys were taken") == 1, 10_000);
        Assert.Equal(GuardRefusal.UnknownKey, await post.Refusal(token));
    }

    [Fact]
    public async Task An_issuer_that_never_answers_is_asked_again()
    {
        await using var post = await GuardPost.StartPlain(given => given.KeysRefreshedEvery = TimeSpan.FromSeconds(30));
        var hanging = 0;
        post.Issuer.InsteadOfKeys = async cancel => { Interlocked.Increment(ref hanging); await Task.Delay(Timeout.Infinite, cancel); return new(); };
        post.Issuer.Publish("first", "second");
        post.Pass(31);
        await GuardPost.Until(() => hanging == 1);
        post.Issuer.InsteadOfKeys = null;
        await post.Pumped(() => post.Issuer.Count("jwks") == 3, 100);
        await GuardPost.Until(() => post.Refusal(post.Forge.Sign(post.Forge.AccessClaims(), by: ForgedKey.Rsa("second"))).Result == GuardRefusal.None);
    }

    static Task<HttpResponseMessage> Answer(string text, HttpStatusCode status = HttpStatusCode.OK) => Task.FromResult(FakeIssuer.Json(text, status));

    static string With(ForgedKey key, params (string Name, JsonNode? Value)[] changes) =>
        new JsonObject { ["keys"] = new JsonArray(TokenForge.Changed(key.Jwk(), changes)) }.ToJsonString();

    /// <summary>A body that goes on for ever.</summary>
    sealed class Endless : MemoryStream
    {
        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)' ');
            return new(buffer.Length);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => Task.FromResult(count);
    }
}
