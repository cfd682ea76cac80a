using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;
using Poolhouse.Server.Tests.Actors;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class RefreshTests
{
    [Theory]
    [InlineData("REFRESH_TOKEN_AUTH")]
    [InlineData("REFRESH_TOKEN")]
    public async Task Without_rotation_a_refresh_gives_new_tokens_of_the_same_session_and_no_refresh_token(string flow)
    {
        var clock = new FakeTimeProvider();
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server);
        await app.User("ana");
        var first = await app.SignIn("ana");
        clock.Advance(TimeSpan.FromMinutes(10));

        var reply = await app.Flow(flow, ("REFRESH_TOKEN", (string)first["RefreshToken"]!));
        Assert.Equal(["ChallengeParameters", "AuthenticationResult"], reply.Body.Select(member => member.Key));
        var second = reply.Body["AuthenticationResult"]!.AsObject();
        Assert.False(second.ContainsKey("RefreshToken"));
        var (before, after) = (App.Claims(first["IdToken"]), App.Claims(second["IdToken"]));
        Assert.Equal(((long)before["auth_time"]!, (string)before["origin_jti"]!), ((long)after["auth_time"]!, (string)after["origin_jti"]!));
        Assert.NotEqual((string)before["jti"]!, (string)after["jti"]!);
        Assert.Equal((long)before["iat"]! + 600, (long)after["iat"]!);
        Assert.False((await app.Refresh((string)first["RefreshToken"]!)).Body["AuthenticationResult"]!.AsObject().ContainsKey("RefreshToken"));
    }

    [Fact]
    public async Task The_flow_proves_a_client_by_a_hash_over_the_real_name_and_the_operation_by_the_secret_itself()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, """{"GenerateSecret": true, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}""", """{"AliasAttributes": ["email"]}""");
        await app.User("ana");
        var token = (string)(await app.SignIn("ana@example.com"))["RefreshToken"]!;
        async Task<string?> Flow(string? hash) => (await app.Flow("REFRESH_TOKEN_AUTH", ("REFRESH_TOKEN", token), ("SECRET_HASH", hash))).Message;

        Assert.Null(await Flow(app.Hash("ana")));
        Assert.Equal($"Unable to verify secret hash for client {app.ClientId}", await Flow(app.Hash("ana@example.com")));
        Assert.Equal($"Client {app.ClientId} is configured with secret but SECRET_HASH was not received", await Flow(null));
        Assert.Equal(200, (await app.Refresh(token)).Status);
        Assert.Equal("NotAuthorizedException", (await app.Refresh(token, new string('x', 30))).Error);
        var bare = await app.Try("GetTokensFromRefreshToken", $$"""{"RefreshToken": "{{token}}"}""");
        Assert.Equal("NotAuthorizedException", bare.Error);
    }

    [Fact]
    public async Task With_rotation_the_flow_is_refused_and_nothing_is_spent()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, App.Rotating);
        await app.User("ana");
        var token = (string)(await app.SignIn("ana"))["RefreshToken"]!;

        var refused = await app.Flow("REFRESH_TOKEN_AUTH", ("REFRESH_TOKEN", token));
        Assert.Equal(("InvalidParameterException", "REFRESH_TOKEN_AUTH flow not enabled for this client"), (refused.Error, refused.Message));
        var rotated = await app.Refresh(token);
        Assert.NotEqual(token, (string)rotated.Body["AuthenticationResult"]!["RefreshToken"]!);
    }

    [Fact]
    public async Task A_reply_that_was_lost_is_given_again_with_the_same_successor()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, App.Rotating);
        await app.User("ana");
        var token = (string)(await app.SignIn("ana"))["RefreshToken"]!;

        var successors = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Rotate(app, token)));
        Assert.Single(successors.Distinct());
        Assert.Equal(successors[0], await Rotate(app, token));
        Assert.NotEqual(successors[0], await Rotate(app, successors[0]));
    }

    [Fact]
    public async Task A_token_that_comes_back_after_its_grace_ends_the_family()
    {
        var clock = new FakeTimeProvider();
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server, App.Rotating);
        await app.User("ana");
        var session = await app.SignIn("ana");
        var successor = await Rotate(app, (string)session["RefreshToken"]!);
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal("RefreshTokenReuseException", (await app.Refresh((string)session["RefreshToken"]!)).Error);
        var dead = await app.Refresh(successor);
        Assert.Equal(("NotAuthorizedException", "Refresh Token has been revoked"), (dead.Error, dead.Message));
        var access = await app.GetUser((string)session["AccessToken"]!);
        Assert.Equal(("NotAuthorizedException", "Access Token has been revoked"), (access.Error, access.Message));
    }

    [Fact]
    public async Task A_predecessor_is_reuse_once_its_successor_was_spent_even_within_the_grace()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, App.Rotating);
        await app.User("ana");
        var first = (string)(await app.SignIn("ana"))["RefreshToken"]!;
        var third = await Rotate(app, await Rotate(app, first));

        Assert.Equal("RefreshTokenReuseException", (await app.Refresh(first)).Error);
        Assert.Equal("Refresh Token has been revoked", (await app.Refresh(third)).Message);
    }

    [Fact]
    public async Task Nobody_refreshes_after_the_reply_to_a_disable_and_enabling_brings_nothing_back()
    {
        await using var server = await PoolhouseTestServer.Start();
        var plain = await App.Start(server);
        await plain.User("ana");
        foreach (var app in new[] { plain, await App.Start(server, App.Rotating, poolId: plain.PoolId) })
        {
            var token = (string)(await app.SignIn("ana"))["RefreshToken"]!;
            using var stop = new CancellationTokenSource();
            var refreshing = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(async () => { while (!stop.IsCancellationRequested) await app.Refresh(token); })));
            await app.About("ana", "AdminDisableUser");
            var refused = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.Refresh(token)));
            await stop.CancelAsync();
            await refreshing;

            Assert.All(refused, reply => Assert.Equal(("NotAuthorizedException", "User is disabled."), (reply.Error, reply.Message)));
            await app.About("ana", "AdminEnableUser");
            Assert.Equal("Refresh Token has been revoked", (await app.Refresh(token)).Message);
        }
    }

    [Fact]
    public async Task A_token_that_is_no_ones_another_clients_or_too_old_is_refused_in_the_services_words()
    {
        var clock = new FakeTimeProvider();
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server, """{"RefreshTokenValidity": 60, "TokenValidityUnits": {"RefreshToken": "minutes"}, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}""");
        var other = await App.Start(server, poolId: app.PoolId);
        await app.User("ana");
        var token = (string)(await app.SignIn("ana"))["RefreshToken"]!;

        Assert.Equal("Invalid Refresh Token", (await app.Refresh("eyJjdHkiOiJKV1QifQ.a.b.c.d")).Message);
        Assert.Equal("Invalid Refresh Token", (await app.Refresh(token[..^1] + (token[^1] == 'A' ? 'E' : 'A'))).Message);
        Assert.Equal("Invalid Refresh Token", (await other.Refresh(token)).Message);
        clock.Advance(TimeSpan.FromHours(1));
        var old = await app.Refresh(token);
        Assert.Equal(("NotAuthorizedException", "Refresh Token has expired"), (old.Error, old.Message));
        await app.About("ana", "AdminDeleteUser");
        Assert.Equal("UserNotFoundException", (await app.Refresh(token)).Error);
    }

    [Fact]
    public async Task Nothing_that_only_looks_like_a_token_is_a_fault_of_the_server()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        await app.User("ana");
        var token = (string)(await app.SignIn("ana"))["RefreshToken"]!;
        foreach (var last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=.".Where(last => last != token[^1]))
        {
            Assert.Equal("Invalid Refresh Token", (await app.Refresh(token[..^1] + last)).Message);
            Assert.Equal(200, (await app.Revoke(token[..^1] + last)).Status);
        }
        foreach (var page in new[] { "AB", "A", "AA==", "....", "ÄÄÄÄ" })
        {
            var reply = await app.Admin.Try("ListUsers", new() { ["UserPoolId"] = app.PoolId, ["PaginationToken"] = page });
            Assert.Equal(("InvalidParameterException", "Invalid pagination token"), (reply.Error, reply.Message));
        }
        Assert.Equal(200, (await app.Refresh(token)).Status);
    }

    [Fact]
    public async Task Revoking_ends_every_token_of_the_session_and_no_other()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        await app.User("ana");
        var (mine, other) = (await app.SignIn("ana"), await app.SignIn("ana"));
        var sibling = (await app.Refresh((string)mine["RefreshToken"]!)).Body["AuthenticationResult"]!;

        var revoked = await app.Revoke((string)mine["RefreshToken"]!);
        Assert.Equal((200, "{}"), (revoked.Status, revoked.Body.ToJsonString()));
        Assert.Equal("Refresh Token has been revoked", (await app.Refresh((string)mine["RefreshToken"]!)).Message);
        Assert.Equal("Access Token has been revoked", (await app.GetUser((string)mine["AccessToken"]!)).Message);
        Assert.Equal("Access Token has been revoked", (await app.ChangePassword((string)sibling["AccessToken"]!, "Passw0rd-1", "Other-1234")).Message);
        Assert.Equal(200, (await app.GetUser((string)other["AccessToken"]!)).Status);
        Assert.Equal(200, (await app.Revoke((string)mine["RefreshToken"]!)).Status);
        Assert.Equal(200, (await app.Revoke("not-a-token")).Status);
    }

    [Fact]
    public async Task What_cannot_be_revoked_is_refused_with_the_errors_that_the_operation_lists()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, """{"GenerateSecret": true, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}""");
        var without = await App.Start(server, """{"EnableTokenRevocation": false, "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH"]}""", poolId: app.PoolId);
        await app.User("ana");
        var (mine, theirs) = (await app.SignIn("ana"), await without.SignIn("ana"));

        Assert.Equal("UnsupportedTokenTypeException", (await app.Revoke((string)mine["AccessToken"]!)).Error);
        Assert.Equal("UnauthorizedException", (await app.Revoke((string)mine["RefreshToken"]!, new string('x', 30))).Error);
        Assert.Equal("UnauthorizedException", (await app.Revoke((string)theirs["RefreshToken"]!)).Error);
        Assert.Equal("UnauthorizedException", (await app.Try("RevokeToken", """{"ClientId": "nobody", "Token": "x"}""")).Error);
        Assert.Equal("UnsupportedOperationException", (await without.Revoke((string)theirs["RefreshToken"]!)).Error);
        Assert.Equal("InvalidParameterException", (await app.Revoke("a b")).Error);
        Assert.Equal(200, (await app.GetUser((string)mine["AccessToken"]!)).Status);
    }

    [Fact]
    public async Task Signing_out_everywhere_ends_the_sessions_of_every_client()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        var other = await App.Start(server, App.Rotating, poolId: app.PoolId);
        await app.User("ana");
        var (here, there) = (await app.SignIn("ana"), await other.SignIn("ana"));

        var reply = await app.Admin.Try("GlobalSignOut", new() { ["AccessToken"] = (string)here["AccessToken"]! }, signed: false);
        Assert.Equal((200, "{}"), (reply.Status, reply.Body.ToJsonString()));
        Assert.Equal("Access Token has been revoked", (await other.GetUser((string)there["AccessToken"]!)).Message);
        Assert.Equal("Refresh Token has been revoked", (await other.Refresh((string)there["RefreshToken"]!)).Message);
        var again = await app.Admin.Try("GlobalSignOut", new() { ["AccessToken"] = (string)here["AccessToken"]! }, signed: false);
        Assert.Equal(("NotAuthorizedException", "Access Token has been revoked"), (again.Error, again.Message));
        Assert.Equal(200, (await app.TrySignIn("ana")).Status);
    }

    [Fact]
    public async Task Only_an_access_token_with_the_scope_of_the_api_opens_it()
    {
        var clock = new FakeTimeProvider();
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server);
        await app.User("ana");
        var mine = await app.SignIn("ana");
        async Task<string?> Message(JsonNode? token) => (await app.GetUser((string)token!)).Message;

        Assert.Equal("Invalid Access Token", await Message(mine["IdToken"]));
        Assert.Equal("Invalid Access Token", await Message(mine["RefreshToken"]));
        Assert.Equal("Access Token does not have required scopes", await Message(await Hosted(server, app, "openid")));
        Assert.Null(await Message(await Hosted(server, app, "openid aws.cognito.signin.user.admin")));
        clock.Advance(TimeSpan.FromHours(1));
        Assert.Equal("Access Token has expired", await Message(mine["AccessToken"]));
    }

    static async Task<string> Rotate(App app, string token) => (string)(await app.Refresh(token)).Body["AuthenticationResult"]!["RefreshToken"]!;

    // The access token of a session that was born at the hosted pages.
    static async Task<JsonNode> Hosted(PoolhouseTestServer server, App app, string scopes)
    {
        var pool = (await server.Service<PoolStore>().Find(app.PoolId, default))!;
        var client = (await server.Service<ClientStore>().Find(app.ClientId, default))!;
        var user = await server.Service<Accounts>().Get(pool, "ana", default);
        var made = await server.Service<StartSession>().Prepare(pool, client, user, new(Birth.Hosted, scopes, server.Clock!.GetUtcNow().ToUnixTimeMilliseconds()), default);
        Assert.True(await server.Service<Database>().Write(tx => SessionStore.Insert(tx, made.Session)));
        return made.Tokens.AccessToken;
    }
}
