using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

/// <summary>security.md C9, P6: of right answers that come at the same moment, one is taken.</summary>
public class AnsweredOnceTests
{
    const string Pool = """{"Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]} } }""";
    const string Client = """{"ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_USER_AUTH"]}""";

    readonly FakeTimeProvider clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task A_proof_by_SRP()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await Ana(server);
        var srp = new SrpClient();
        var begun = (await app.Flow("USER_SRP_AUTH", ("USERNAME", "ana"), ("SRP_A", srp.A))).Body;
        var proof = srp.Answer(app.PoolId, begun, "Passw0rd-1");
        await Once(server, () => app.Respond("PASSWORD_VERIFIER", null, proof));
    }

    [Fact]
    public async Task A_password_that_was_chosen()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await Ana(server);
        var asked = (await app.Flow("USER_AUTH", ("USERNAME", "ana"))).Body;
        await Once(server, () => app.Respond("SELECT_CHALLENGE", (string?)asked["Session"], ("USERNAME", "ana"), ("ANSWER", "PASSWORD"), ("PASSWORD", "Passw0rd-1")));
    }

    [Fact]
    public async Task A_code_by_mail()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await Ana(server);
        var asked = (await app.Flow("USER_AUTH", ("USERNAME", "ana"), ("PREFERRED_CHALLENGE", "EMAIL_OTP"))).Body;
        var code = await app.Code("ana");
        await Once(server, () => app.Respond("EMAIL_OTP", (string?)asked["Session"], ("USERNAME", "ana"), ("EMAIL_OTP_CODE", code)));
    }

    [Fact]
    public async Task A_new_password()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await Ana(server);
        await app.About("bob", "AdminCreateUser", """{"TemporaryPassword": "Temp-1234", "MessageAction": "SUPPRESS"}""");
        var asked = (await app.TrySignIn("bob", "Temp-1234")).Body;
        await Once(server, () => app.Answer((string?)asked["Session"], ("USERNAME", "bob"), ("NEW_PASSWORD", "Chosen-1234")));
    }

    [Fact]
    public async Task A_code_of_the_authenticator_app_in_as_many_sign_ins()
    {
        await using var server = await PoolhouseTestServer.Start(clock: clock);
        var app = await SecondFactorTests.Pool(server, "OPTIONAL");
        await app.User("ana");
        var phone = await AuthenticatorApp.Enroll(app, (await app.SignIn("ana"))["AccessToken"], server.Now);
        clock.Advance(TimeSpan.FromSeconds(30));
        var asked = new Queue<JsonObject>();
        for (var i = 0; i < Many; i++) asked.Enqueue((await app.TrySignIn("ana")).Body);
        await Once(server, () => app.Respond("SOFTWARE_TOKEN_MFA", (string?)asked.Dequeue()["Session"], ("USERNAME", "ana"), ("SOFTWARE_TOKEN_MFA_CODE", phone.Code(server.Now))));
    }

    const int Many = 16;

    static async Task<App> Ana(PoolhouseTestServer server)
    {
        var app = await App.Start(server, Client, Pool);
        await app.User("ana");
        return app;
    }

    static async Task Once(PoolhouseTestServer server, Func<Task<ApiReply>> answer)
    {
        // So many connections are open before: who has to connect first comes too late for a race.
        await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => server.Http.GetStringAsync(server.Url + "/readyz")).ToArray());
        var replies = await Task.WhenAll(Enumerable.Range(0, Many).Select(_ => answer()).ToArray());
        Assert.Single(replies, reply => reply.Body["AuthenticationResult"] is not null);
    }
}
