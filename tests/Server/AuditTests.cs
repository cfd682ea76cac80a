using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Server.Tests.Actors;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Server.Tests;

/// <summary>The audit trail: who did what, from where, how it ended, and why each session ended.</summary>
public class AuditTests
{
    readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 26, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("Revoked"), InlineData("SignedOut"), InlineData("SignedOutByAdmin"), InlineData("UserDisabled"), InlineData("UserDeleted"), InlineData("RefreshTokenReused")]
    [InlineData("PasswordChanged")]
    public async Task An_ended_session_says_why_and_which_request_did_it(string reason)
    {
        await using var server = await PoolhouseTestServer.Start(serve: true, clock: clock);
        var app = await App.Start(server, App.Rotating, """{"UserPoolTags": {"poolhouse:RevokeOnPasswordChange": "true"} }""");
        await app.User("ana");
        var signedIn = await app.SignIn("ana");
        var (access, refresh) = ((string)signedIn["AccessToken"]!, (string)signedIn["RefreshToken"]!);
        var sub = (string)App.Claims(access)["sub"]!;
        var (reply, actor) = reason switch
        {
            "Revoked" => (await app.Revoke(refresh), null),
            "SignedOut" => (await app.As(access, "GlobalSignOut"), sub),
            "SignedOutByAdmin" => (await Administer(app, "AdminUserGlobalSignOut"), server.Key!.Id),
            "UserDisabled" => (await Administer(app, "AdminDisableUser"), server.Key!.Id),
            "UserDeleted" => (await Administer(app, "AdminDeleteUser"), server.Key!.Id),
            "PasswordChanged" => (await app.ChangePassword(access, "Passw0rd-1", "Passw0rd-2"), sub),
            _ => (await Reused(app, refresh), null),
        };
        var ended = Assert.Single(await Trail(server, new(Session: (string)App.Claims(access)["origin_jti"]!, Kind: AuditKind.SessionEnded)));
        Assert.Equal((reason, app.PoolId, app.ClientId, sub), (ended.Event.Outcome, ended.Event.Pool, ended.Event.Client, ended.Event.User));
        Assert.Equal((actor, reply.RequestId, server.Now.ToUnixTimeMilliseconds()), (ended.Actor, ended.Request, ended.At));
        Assert.Contains(ended.Address, (string[])["127.0.0.1", "::1"]);
    }

    [Fact]
    public async Task What_an_administrator_did_is_recorded_before_the_reply_and_what_they_looked_at_is_not()
    {
        await using var server = await PoolhouseTestServer.Start(serve: true);
        var app = await App.Start(server);
        await app.User("ana");
        await app.About("ana", "AdminGetUser");
        await app.About("ana", "AdminDisableUser");
        var refused = await app.Admin.Try("AdminDisableUser", new() { ["UserPoolId"] = app.PoolId, ["Username"] = "nobody" });
        var acts = (await Trail(server, new(app.PoolId, Kind: AuditKind.Operation))).Select(entry => (entry.Event.Subject, entry.Event.Outcome, entry.Actor)).ToList();
        var key = server.Key!.Id;
        Assert.Equal(
        [
            ("CreateUserPool Test", "ok", key), ("CreateUserPoolClient Test", "ok", key), ("AdminCreateUser ana", "ok", key), ("AdminSetUserPassword ana", "ok", key), ("AdminDisableUser ana", "ok", key),
            ("AdminDisableUser nobody", "UserNotFoundException", key),
        ], acts);
        Assert.Equal(refused.RequestId, (await Trail(server, new(app.PoolId, Kind: AuditKind.Operation)))[^1].Request);
    }

    [Fact]
    public async Task Refreshes_refusals_and_what_users_do_themselves_follow_within_a_second()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, App.Rotating);
        await app.User("ana");
        var signedIn = await app.SignIn("ana");
        var refresh = (string)signedIn["RefreshToken"]!;
        await app.Refresh(refresh);
        await app.Refresh(refresh);
        await app.Refresh(refresh + "x");
        await app.TrySignIn("ana", "wrong");
        await app.Update(signedIn["AccessToken"], "name=Ana");
        using var wrongClient = await server.Http.PostAsync(new Uri($"{server.Url}/oauth2/token"),
            new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", app.ClientId)]));
        var trail = await Eventually(server, new(app.PoolId), events => events.Exists(entry => entry.Event.Kind == AuditKind.TokenRefused));
        var sub = (string)App.Claims(signedIn["AccessToken"])["sub"]!;
        Assert.Equal(
        [
            (AuditKind.Refreshed, "ok", sub), (AuditKind.RefreshRepeated, "ok", sub), (AuditKind.RefreshRefused, "RefreshTokenInvalid", null),
            (AuditKind.SignInRefused, "WrongPassword", sub), (AuditKind.TokenRefused, "unauthorized_client", null),
        ], trail.Select(entry => (entry.Event.Kind, entry.Event.Outcome, entry.Event.User)).Where(one => one.Kind is not (AuditKind.Operation or AuditKind.SessionStarted)));
        var act = (await Eventually(server, new(Kind: AuditKind.Operation, User: sub), events => events.Count == 1))[0];
        Assert.Equal(("UpdateUserAttributes", sub), (act.Event.Subject, act.Actor));
    }

    [Fact]
    public async Task The_trail_is_forgotten_after_its_time_and_refreshes_before_the_rest()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server);
        await app.User("ana");
        await app.Refresh((string)(await app.SignIn("ana"))["RefreshToken"]!);
        await server.Stop();
        var left = await LeftAfter(server, 8, app.PoolId);
        Assert.DoesNotContain(left, entry => entry.Event.Kind == AuditKind.Refreshed);
        Assert.Contains(left, entry => entry.Event.Kind == AuditKind.SessionStarted);
        Assert.Empty(await LeftAfter(server, 91, app.PoolId));
    }

    [Fact]
    public async Task What_is_still_waiting_is_written_when_the_server_stops()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        await app.TrySignIn("nobody");
        await server.Stop();
        await using var again = await PoolhouseTestServer.Start(data: server.Data);
        Assert.Single(await Trail(again, new(app.PoolId, Kind: AuditKind.SignInRefused)));
    }

    [Fact]
    public async Task A_caller_cannot_choose_the_id_of_a_request()
    {
        await using var server = await PoolhouseTestServer.Start();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{server.Url}/nothing") { Headers = { { "X-Request-Id", "mine" }, { "Accept", "text/html" } } };
        using var reply = await server.Http.SendAsync(request);
        Assert.True(Guid.TryParse(Assert.Single(reply.Headers.GetValues("X-Request-Id")), out _));
    }

    static Task<ApiReply> Administer(App app, string operation) => app.Admin.Try(operation, new() { ["UserPoolId"] = app.PoolId, ["Username"] = "ana" });

    async Task<ApiReply> Reused(App app, string refresh)
    {
        await app.Refresh(refresh);
        clock.Advance(TimeSpan.FromMinutes(1));
        return await app.Refresh(refresh);
    }

    // Another server on the same data: a clock that is moved for months goes through every tick of every timer.
    async Task<List<AuditEntry>> LeftAfter(PoolhouseTestServer server, int days, string pool)
    {
        await using var later = await PoolhouseTestServer.Start(clock: new(clock.GetUtcNow() + TimeSpan.FromDays(days)), data: server.Data);
        var before = await Trail(later, new(pool));
        await later.Service<Database>().Purger.Run(default);
        Assert.NotEmpty(before);
        var after = await Trail(later, new(pool));
        await later.Stop();
        return after;
    }

    static Task<List<AuditEntry>> Trail(PoolhouseTestServer server, AuditFilter filter) => server.Service<AuditTrail>().Read(filter, null, 1000, default);

    static async Task<List<AuditEntry>> Eventually(PoolhouseTestServer server, AuditFilter filter, Func<List<AuditEntry>, bool> holds)
    {
        for (var i = 0; ; i++)
        {
            var trail = await Trail(server, filter);
            if (holds(trail)) return trail;
            Assert.True(i < 500, string.Join('\n', trail));
            await Task.Delay(20);
        }
    }
}
