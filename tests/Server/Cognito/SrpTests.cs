using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class SrpTests
{
    const string Client = """{"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]}""";
    const string Hiding = """{"ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"], "PreventUserExistenceErrors": "ENABLED"}""";

    [Fact]
    public async Task The_password_is_proven_without_travelling()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Client);
        await app.User("ana");
        var srp = new SrpClient();

        var begun = await app.Flow("USER_SRP_AUTH", ("USERNAME", "ana"), ("SRP_A", srp.A));
        Assert.Equal("PASSWORD_VERIFIER", (string)begun.Body["ChallengeName"]!);
        Assert.Equal(["SALT", "SECRET_BLOCK", "SRP_B", "USERNAME", "USER_ID_FOR_SRP"], begun.Body["ChallengeParameters"]!.AsObject().Select(one => one.Key).Order());
        // SECRET_BLOCK carries the state: a client that leaves the Session out is answered all the same.
        var done = await app.Respond("PASSWORD_VERIFIER", null, srp.Answer(app.PoolId, begun.Body, "Passw0rd-1"));
        Assert.Equal(["AccessToken", "ExpiresIn", "IdToken", "RefreshToken", "TokenType"], done.Body["AuthenticationResult"]!.AsObject().Select(one => one.Key).Order());
    }

    [Fact]
    public async Task A_wrong_password_a_changed_block_and_a_second_answer_are_refused()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Client);
        await app.User("ana");
        await app.User("bob");
        var srp = new SrpClient();

        var wrong = await app.Respond("PASSWORD_VERIFIER", null, srp.Answer(app.PoolId, await Begin(app, "ana", srp), "Passw0rd-2"));
        Assert.Equal(("NotAuthorizedException", "Incorrect username or password."), (wrong.Error, wrong.Message));

        var answer = srp.Answer(app.PoolId, await Begin(app, "ana", srp), "Passw0rd-1");
        var flipped = answer.Select(one => one.Name == "PASSWORD_CLAIM_SECRET_BLOCK" ? (one.Name, "A" + one.Value![1..]) : one).ToArray();
        Assert.Equal("NotAuthorizedException", (await app.Respond("PASSWORD_VERIFIER", null, flipped)).Error);
        var other = answer.Select(one => one.Name == "USERNAME" ? (one.Name, "bob") : one).ToArray();
        Assert.Equal("Invalid session for the user.", (await app.Respond("PASSWORD_VERIFIER", null, other)).Message);
        Assert.Equal(200, (await app.Respond("PASSWORD_VERIFIER", null, answer)).Status);
        Assert.Equal("Invalid session for the user, session can only be used once.", (await app.Respond("PASSWORD_VERIFIER", null, answer)).Message);
    }

    [Fact]
    public async Task A_signature_over_one_exchange_proves_nothing_in_another()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Client);
        await app.User("ana");
        var srp = new SrpClient();
        var first = srp.Answer(app.PoolId, await Begin(app, "ana", srp), "Passw0rd-1");
        var second = srp.Answer(app.PoolId, await Begin(app, "ana", srp), "Passw0rd-1");
        var mixed = second.Select(one => one.Name == "PASSWORD_CLAIM_SIGNATURE" ? first.Single(other => other.Name == one.Name) : one).ToArray();
        Assert.Equal("Incorrect username or password.", (await app.Respond("PASSWORD_VERIFIER", null, mixed)).Message);
    }

    [Fact]
    public async Task Who_does_not_exist_looks_the_same_each_time_and_fails_in_the_second_half()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Hiding);
        await app.User("ana");
        var srp = new SrpClient();

        var (one, two, real) = (await Begin(app, "nobody", srp), await Begin(app, "nobody", srp), await Begin(app, "ana", srp));
        Assert.Equal((string)one["ChallengeParameters"]!["SALT"]!, (string)two["ChallengeParameters"]!["SALT"]!);
        Assert.NotEqual((string)one["ChallengeParameters"]!["SRP_B"]!, (string)two["ChallengeParameters"]!["SRP_B"]!);
        Assert.Equal(real.Select(member => member.Key), one.Select(member => member.Key));
        Assert.Equal("nobody", (string)one["ChallengeParameters"]!["USERNAME"]!);
        var unknown = await app.Respond("PASSWORD_VERIFIER", null, srp.Answer(app.PoolId, one, "Passw0rd-1"));
        var wrong = await app.Respond("PASSWORD_VERIFIER", null, srp.Answer(app.PoolId, real, "Passw0rd-2"));
        Assert.Equal(wrong.Body.ToJsonString(), unknown.Body.ToJsonString());
        Assert.Equal("Incorrect username or password.", wrong.Message);
    }

    [Fact]
    public async Task In_a_pool_that_signs_in_by_address_nobody_has_a_made_up_name_and_may_answer_with_it()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Hiding, """{"UsernameAttributes": ["email"]}""");
        var srp = new SrpClient();
        var begun = await Begin(app, "nobody@example.com", srp);
        Assert.True(Guid.TryParse((string)begun["ChallengeParameters"]!["USERNAME"]!, out var name));
        Assert.Equal(name, Guid.Parse((string)(await Begin(app, "nobody@example.com", srp))["ChallengeParameters"]!["USERNAME"]!));
        Assert.Equal("Incorrect username or password.", (await app.Respond("PASSWORD_VERIFIER", null, srp.Answer(app.PoolId, begun, "Passw0rd-1"))).Message);
    }

    [Fact]
    public async Task A_legacy_client_hears_at_once_who_does_not_exist()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Client);
        Assert.Equal(("UserNotFoundException", "User does not exist."), await Refused(app, ("USERNAME", "nobody"), ("SRP_A", new SrpClient().A)));
    }

    [Theory]
    [InlineData("0"), InlineData("N"), InlineData("2N"), InlineData("xyz"), InlineData("")]
    public async Task A_public_value_that_would_make_the_key_known_is_refused(string a)
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Client);
        var hex = a switch { "N" => Core.Users.Srp.Hex(Core.Users.Srp.N), "2N" => Core.Users.Srp.Hex(2 * Core.Users.Srp.N), _ => a };
        Assert.Equal("InvalidParameterException", (await Refused(app, ("USERNAME", "ana"), ("SRP_A", hex))).Type);
    }

    [Fact]
    public async Task The_state_of_the_account_shows_after_the_proof_and_not_before()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Client);
        await app.User("ana");
        await app.About("ana", "AdminDisableUser");
        var srp = new SrpClient();
        Assert.Equal("Incorrect username or password.", (await app.Respond("PASSWORD_VERIFIER", null, srp.Answer(app.PoolId, await Begin(app, "ana", srp), "Passw0rd-2"))).Message);
        Assert.Equal("User is disabled.", (await app.Respond("PASSWORD_VERIFIER", null, srp.Answer(app.PoolId, await Begin(app, "ana", srp), "Passw0rd-1"))).Message);
    }

    [Fact]
    public async Task A_temporary_password_leads_on_to_a_new_one()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, Client);
        await app.About("ana", "AdminCreateUser", """{"TemporaryPassword": "Temp-1234", "MessageAction": "SUPPRESS"}""");
        var srp = new SrpClient();
        var proven = await app.Respond("PASSWORD_VERIFIER", null, srp.Answer(app.PoolId, await Begin(app, "ana", srp), "Temp-1234"));
        Assert.Equal("NEW_PASSWORD_REQUIRED", (string)proven.Body["ChallengeName"]!);
        Assert.Equal(200, (await app.Answer((string)proven.Body["Session"]!, ("USERNAME", "ana"), ("NEW_PASSWORD", "Chosen-1234"))).Status);
        Assert.Equal(200, (await app.Respond("PASSWORD_VERIFIER", null, srp.Answer(app.PoolId, await Begin(app, "ana", srp), "Chosen-1234"))).Status);
    }

    [Fact]
    public async Task Wrong_proofs_lock_the_account_as_wrong_passwords_do_and_an_exchange_ends_with_its_time()
    {
        var clock = new FakeTimeProvider();
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await App.Start(server, Client);
        await app.User("ana");
        var srp = new SrpClient();
        for (var i = 0; i < 5; i++) await app.Respond("PASSWORD_VERIFIER", null, srp.Answer(app.PoolId, await Begin(app, "ana", srp), "Passw0rd-2"));
        Assert.Equal("Password attempts exceeded", (await app.Respond("PASSWORD_VERIFIER", null, srp.Answer(app.PoolId, await Begin(app, "ana", srp), "Passw0rd-1"))).Message);
        Assert.Equal("Password attempts exceeded", (await app.TrySignIn("ana")).Message);

        clock.Advance(TimeSpan.FromMinutes(1));
        var answer = srp.Answer(app.PoolId, await Begin(app, "ana", srp), "Passw0rd-1");
        clock.Advance(TimeSpan.FromMinutes(3.1));
        Assert.Equal("Invalid session for the user, session is expired.", (await app.Respond("PASSWORD_VERIFIER", null, answer)).Message);
    }

    [Fact]
    public async Task A_confidential_client_hashes_the_name_that_the_challenge_gave()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server, """{"GenerateSecret": true, "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"]}""", """{"UsernameAttributes": ["email"]}""");
        var made = await app.About("ana@example.com", "AdminCreateUser", """{"MessageAction": "SUPPRESS"}""");
        var sub = (string)made["User"]!["Username"]!;
        await app.About(sub, "AdminSetUserPassword", """{"Password": "Passw0rd-1", "Permanent": true}""");
        var srp = new SrpClient();
        async Task<ApiReply> Answer(string hashed)
        {
            var begun = await app.Flow("USER_SRP_AUTH", ("USERNAME", "ana@example.com"), ("SRP_A", srp.A), ("SECRET_HASH", app.Hash("ana@example.com")));
            return await app.Respond("PASSWORD_VERIFIER", null, [.. srp.Answer(app.PoolId, begun.Body, "Passw0rd-1"), ("SECRET_HASH", app.Hash(hashed))]);
        }

        Assert.Equal(200, (await Answer(sub)).Status);
        Assert.Equal("NotAuthorizedException", (await Answer("eve")).Error);
    }

    static async Task<JsonObject> Begin(App app, string username, SrpClient srp) => (await app.Flow("USER_SRP_AUTH", ("USERNAME", username), ("SRP_A", srp.A))).Body;

    static async Task<(string? Type, string? Message)> Refused(App app, params (string, string?)[] parameters)
    {
        var reply = await app.Flow("USER_SRP_AUTH", parameters);
        ErrorLists.Check("InitiateAuth", reply.Error!);
        return (reply.Error, reply.Message);
    }
}
