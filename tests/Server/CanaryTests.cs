using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests;

/// <summary>After a life of sign-ins, refreshes, ends and mistakes, no secret is in the log or in any table (security.md C20, T10).</summary>
public class CanaryTests(Realm realm) : IClassFixture<Realm>
{
    readonly Dictionary<string, string> secrets = new(StringComparer.Ordinal);

    [Fact]
    public async Task No_secret_is_in_the_log_or_in_the_database()
    {
        await Live();
        var log = string.Join('\n', realm.Server.Log);
        Assert.Contains("Session", log, StringComparison.Ordinal);
        foreach (var (what, secret) in secrets) Assert.False(log.Contains(secret, StringComparison.Ordinal), $"{what} is in the log");

        var cells = Cells();
        // The scan sees what is there: names are no secrets.
        Assert.Contains(cells, cell => cell.Text.Contains("canary-user", StringComparison.Ordinal));
        foreach (var (what, secret) in secrets)
            Assert.Equal((what, []), (what, cells.Where(cell => cell.Text.Contains(secret, StringComparison.Ordinal)).Select(cell => cell.Where).ToArray()));
    }

    async Task Live()
    {
        const string password = "Canary-Passw0rd-1", temporary = "Canary-Temp0rary-1", wrong = "Canary-Wr0ng-1";
        (secrets["the password"], secrets["the temporary password"], secrets["a wrong password"]) = (password, temporary, wrong);
        await realm.Admin.Call("AdminCreateUser", new() { ["UserPoolId"] = realm.Pool, ["Username"] = "canary-user", ["TemporaryPassword"] = temporary, ["MessageAction"] = "SUPPRESS" });
        var (client, secret) = await realm.Confidential("""{"RefreshTokenRotation": {"Feature": "ENABLED"}}""");
        secrets["the client secret"] = secret;
        var open = await realm.Client();

        var challenge = await realm.Admin.Call("InitiateAuth", Password(open, temporary));
        secrets["the challenge's session"] = (string)challenge["Session"]!;
        Keep("first", (await realm.Admin.Call("RespondToAuthChallenge", new()
        {
            ["ClientId"] = open, ["ChallengeName"] = "NEW_PASSWORD_REQUIRED", ["Session"] = (string)challenge["Session"]!,
            ["ChallengeResponses"] = new JsonObject { ["USERNAME"] = "canary-user", ["NEW_PASSWORD"] = password },
        }))["AuthenticationResult"]!);
        await realm.Admin.Try("InitiateAuth", Password(open, wrong), signed: false);
        Keep("API", (await realm.Admin.Call("InitiateAuth", Password(open, password)))["AuthenticationResult"]!);

        var code = await realm.Code(client);
        secrets["a code"] = code;
        var hosted = Realm.Granted(await realm.Redeem(client, code, basic: $"{client}:{secret}"));
        (secrets["a hosted access token"], secrets["a hosted refresh token"]) = (hosted.Access, hosted.Refresh);
        var rotated = Realm.Granted(await realm.App.Refresh(client, hosted.Refresh, $"{client}:{secret}"));
        secrets["a rotated refresh token"] = rotated.Refresh;
        realm.Clock.Advance(TimeSpan.FromMinutes(1));
        await Mistakes(client, secret, hosted, code);
        await realm.App.Post("/oauth2/revoke", [("token", rotated.Refresh)], $"{client}:{secret}");
        foreach (var (name, value) in realm.Cookies.Where(cookie => cookie.Value.Length > 0)) secrets[$"the cookie {name}"] = value;
    }

    async Task Mistakes(string client, string secret, IssuedTokens spent, string code)
    {
        secrets["a wrong client secret"] = "canary-wrong-client-secret";
        await realm.App.Refresh(client, spent.Refresh, $"{client}:canary-wrong-client-secret");
        await realm.App.Refresh(client, spent.Refresh, $"{client}:{secret}");
        await realm.Redeem(client, code, basic: $"{client}:{secret}");
        await realm.App.UserInfo(spent.Access);
        await realm.App.Post("/oauth2/token", [("client_secret", "canary-wrong-client-secret"), ("client_secret", secret)]);
        await realm.Admin.Try("GetUser", new() { ["AccessToken"] = spent.Access, ["AccessToken2"] = spent.Access }, signed: false);
        await realm.Admin.Try("RespondToAuthChallenge", new() { ["ClientId"] = client, ["ChallengeName"] = "X", ["Session"] = secrets["the challenge's session"] }, signed: false);
        await realm.Admin.Try("AdminSetUserPassword", new() { ["UserPoolId"] = realm.Pool, ["Username"] = "canary-user", ["Password"] = "canary-weak" });
        secrets["a refused password"] = "canary-weak";
    }

    void Keep(string which, JsonNode result)
    {
        foreach (var token in (string[])["AccessToken", "IdToken", "RefreshToken"]) secrets[$"the {which} {token}"] = (string)result[token]!;
    }

    static JsonObject Password(string client, string password) => new()
    {
        ["AuthFlow"] = "USER_PASSWORD_AUTH", ["ClientId"] = client,
        ["AuthParameters"] = new JsonObject { ["USERNAME"] = "canary-user", ["PASSWORD"] = password },
    };

    // Every cell as the characters of its bytes, whatever its type.
    List<(string Where, string Text)> Cells()
    {
        var file = Directory.GetFiles(realm.Server.Data, "*.db").Single();
        using var connection = new SqliteConnection($"Data Source={file};Mode=ReadOnly;Pooling=False");
        connection.Open();
        var tables = Rows(connection, "select name from sqlite_master where type = 'table'").Select(row => row[0]).ToList();
        return [.. tables.SelectMany(table => Rows(connection, $"select * from \"{table}\"").SelectMany(row => row.Select(cell => (table, cell))))];
    }

    static List<string[]> Rows(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The names come from the schema.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string[]>();
        while (reader.Read())
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(at => reader.GetValue(at) is byte[] bytes ? Encoding.Latin1.GetString(bytes) : $"{reader.GetValue(at)}")]);
        return rows;
    }
}
