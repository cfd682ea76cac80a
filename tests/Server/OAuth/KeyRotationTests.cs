using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Poolhouse.Core.Keys;
using Poolhouse.Server.Tests.Actors;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Server.Tests.OAuth;

/// <summary>Keys change under tokens that live: before, during, after, and when they have leaked.</summary>
public class KeyRotationTests : IAsyncLifetime
{
    static readonly TimeSpan Day = TimeSpan.FromDays(1);

    readonly Realm realm = new();
    string client = "";
    IssuedTokens before = null!;

    public async ValueTask InitializeAsync()
    {
        await realm.InitializeAsync();
        client = await realm.Client("""{"AccessTokenValidity": 24, "IdTokenValidity": 24, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}""");
        before = await realm.SignIn(client, "openid aws.cognito.signin.user.admin");
    }

    public async ValueTask DisposeAsync()
    {
        await realm.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Tokens_of_before_during_and_after_are_taken_and_the_key_set_is_ahead_of_them()
    {
        var old = await KeySet();
        Assert.Equal(KeyRotation.Rotated, await Rotate(Day));
        var both = await KeySet();
        Assert.Equal((2, 4), (old.Length, both.Length));
        Assert.Equal(old, both[..2]);
        var during = await Refreshed();
        Assert.Equal((KidOf(before.Access), KidOf(before.Id)), (KidOf(during.Access), KidOf(during.Id)));

        realm.Clock.Advance(Day - TimeSpan.FromSeconds(1));
        var last = await Refreshed();
        Assert.Equal(KidOf(before.Access), KidOf(last.Access));
        realm.Clock.Advance(TimeSpan.FromSeconds(1));
        var after = await Refreshed();
        Assert.Equal(both[2..].Order(), new[] { KidOf(after.Access), KidOf(after.Id) }.Order());
        Assert.Equal((200, 200, both.Length), (await UserInfo(last), await UserInfo(after), (await KeySet()).Length));

        // The last token of the old keys lives a day, and so do they.
        realm.Clock.Advance(Day - TimeSpan.FromSeconds(2));
        Assert.Equal((200, 4), (await UserInfo(last), (await KeySet()).Length));
        realm.Clock.Advance(KeyRing.KeptFor - Day + TimeSpan.FromSeconds(2));
        Assert.Equal(both[2..], await KeySet());
        Assert.Equal((401, 200), (await UserInfo(last), await UserInfo(await Refreshed())));
    }

    [Fact]
    public async Task A_token_of_a_key_that_is_gone_is_refused_though_it_says_that_it_lives()
    {
        await Rotate(TimeSpan.Zero, withdraw: true);
        Assert.Equal(401, await UserInfo(before));
        Assert.Equal(2, (await KeySet()).Length);
        Assert.DoesNotContain(KidOf(before.Access), await KeySet());
        // Nobody is signed out.
        Assert.Equal(200, await UserInfo(await Refreshed()));
    }

    [Fact]
    public async Task The_certificate_is_over_the_key_that_signs_and_changes_with_it()
    {
        var first = await Certificate();
        await Rotate(Day);
        Assert.Equal(first, await Certificate());
        realm.Clock.Advance(Day);
        var second = await Certificate();
        Assert.NotEqual(first, second);
        Assert.Equal(second, await Certificate());

        using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(second));
        using var key = certificate.GetRSAPublicKey()!;
        var parts = (await Refreshed()).Id!.Split('.');
        Assert.True(key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
    }

    [Fact]
    public async Task An_ID_token_of_long_ago_keeps_nobody_from_signing_out()
    {
        await Rotate(TimeSpan.Zero);
        realm.Clock.Advance(KeyRing.KeptFor + Day);
        using var left = await realm.Browse(HttpMethod.Get,
            $"/logout?client_id={client}&id_token_hint={before.Id}&post_logout_redirect_uri={Uri.EscapeDataString(Realm.Callback)}");
        Assert.Equal((302, Realm.Callback), ((int)left.StatusCode, left.Headers.Location?.OriginalString));
        using var alone = await realm.Browse(HttpMethod.Get, $"/logout?id_token_hint={before.Id}");
        Assert.Equal(400, (int)alone.StatusCode);
    }

    Task<KeyRotation> Rotate(TimeSpan ahead, bool withdraw = false) => realm.Server.Service<SigningKeyStore>().Rotate(realm.Pool, ahead, withdraw);

    async Task<string[]> KeySet() =>
        [.. JsonNode.Parse(await realm.Server.Http.GetStringAsync($"{realm.Issuer}/.well-known/jwks.json"))!["keys"]!.AsArray().Select(key => (string)key!["kid"]!)];

    async Task<IssuedTokens> Refreshed() =>
        Realm.Granted(await realm.App.Post("/oauth2/token", [("grant_type", "refresh_token"), ("client_id", client), ("refresh_token", before.Refresh)]));

    async Task<int> UserInfo(IssuedTokens tokens)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{realm.Server.Url}/oauth2/userInfo");
        request.Headers.Authorization = new("Bearer", tokens.Access);
        using var reply = await realm.Server.Http.SendAsync(request);
        return (int)reply.StatusCode;
    }

    async Task<string> Certificate() => (string)(await realm.Admin.Call("GetSigningCertificate", new() { ["UserPoolId"] = realm.Pool }))["Certificate"]!;

    static string KidOf(string? token) =>
        (string)JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token!.Split('.')[0]))!["kid"]!;
}
