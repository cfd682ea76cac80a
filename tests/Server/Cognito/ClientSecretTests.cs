using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;
using static Poolhouse.Server.Tests.Cognito.ErrorLists;

namespace Poolhouse.Server.Tests.Cognito;

/// <summary>Two secrets of a client, so that one can take the place of the other without a pause.</summary>
public class ClientSecretTests(Realm realm) : IClassFixture<Realm>
{
    [Fact]
    public async Task Either_of_two_secrets_is_good_everywhere_and_the_deleted_one_nowhere()
    {
        var (client, first) = await realm.Machine("""["api/read"]""");
        var added = (await Add(client)).Body["ClientSecretDescriptor"]!;
        var second = (string)added["ClientSecretValue"]!;
        Assert.Matches("^[a-z0-9]{51}$", second);
        foreach (var secret in (string[])[first, second]) Assert.Equal((200, 200, "active", 400), await Machine(client, secret));

        var old = (string)(await List(client))[0]!["ClientSecretId"]!;
        Assert.Equal("{}", (await Delete(client, old)).Body.ToJsonString());
        Assert.Equal((400, 400, "401", 400), await Machine(client, first));
        Assert.Equal((200, 200, "active", 400), await Machine(client, second));
    }

    [Fact]
    public async Task Both_prove_the_client_in_the_API()
    {
        var (client, first) = await realm.Confidential();
        const string Second = "brought_along_by_the_caller+1";
        var added = (await Add(client, Second)).Body["ClientSecretDescriptor"]!.AsObject();
        Assert.Equal(["ClientSecretCreateDate", "ClientSecretId"], added.Select(member => member.Key).Order());
        foreach (var secret in (string[])[first, Second])
        {
            var signedIn = await SignIn(client, secret);
            var refresh = new JsonObject { ["ClientId"] = client, ["RefreshToken"] = (string?)signedIn.Body["AuthenticationResult"]!["RefreshToken"], ["ClientSecret"] = secret };
            Assert.Equal(200, (await realm.Admin.Try("GetTokensFromRefreshToken", refresh, signed: false)).Status);
        }
        Assert.Equal("NotAuthorizedException", (await SignIn(client, "some_other_secret_of_24_and_more")).Error);
        Assert.Equal(Second, (string)(await realm.Admin.Call("DescribeUserPoolClient", In(client)))["UserPoolClient"]!["ClientSecret"]!);
        await Delete(client, (string)added["ClientSecretId"]!);
        Assert.Equal("NotAuthorizedException", (await SignIn(client, Second)).Error);
        Assert.Equal(200, (await SignIn(client, first)).Status);
    }

    [Fact]
    public async Task There_are_two_at_the_most_and_one_at_the_least()
    {
        var (client, _) = await realm.Confidential();
        var only = (string)Assert.Single(await List(client))!["ClientSecretId"]!;
        Assert.Equal(("InvalidParameterException", "The only secret of a client cannot be deleted: add another first."), Refused("DeleteUserPoolClientSecret", await Delete(client, only)));
        Assert.Equal(200, (await Add(client)).Status);
        Assert.Equal(("LimitExceededException", "A client may have two secrets: delete one first."), Refused("AddUserPoolClientSecret", await Add(client)));
        var listed = await List(client);
        Assert.Equal(2, listed.Select(one => (string)one!["ClientSecretId"]!).Distinct().Count());
        Assert.All(listed, one => Assert.Equal(["ClientSecretCreateDate", "ClientSecretId"], one!.AsObject().Select(member => member.Key).Order()));
        Assert.Equal(("ResourceNotFoundException", "The client has no such secret."), Refused("DeleteUserPoolClientSecret", await Delete(client, "none")));
    }

    [Fact]
    public async Task Public_clients_stay_public_and_clients_of_another_pool_are_unknown()
    {
        var client = await realm.Client();
        Assert.Equal(("InvalidParameterException", "A public client cannot be given a secret; create a confidential one."), Refused("AddUserPoolClientSecret", await Add(client)));
        Assert.Empty(await List(client));
        var pool = await realm.Admin.Pool();
        foreach (var operation in (string[])["AddUserPoolClientSecret", "ListUserPoolClientSecrets", "DeleteUserPoolClientSecret"])
        {
            var foreign = In(client);
            (foreign["UserPoolId"], foreign["ClientSecretId"]) = (pool, "x");
            Assert.Equal(("ResourceNotFoundException", $"User pool client {client} does not exist."), Refused(operation, await realm.Admin.Try(operation, foreign)));
        }
        foreach (var secret in (string[])["too-short", "with-hyphens-which-the-model-does-not-allow"])
            Assert.Equal("InvalidParameterException", Refused("AddUserPoolClientSecret", await Add(client, secret)).Type);
    }

    JsonObject In(string client) => new() { ["UserPoolId"] = realm.Pool, ["ClientId"] = client };

    Task<ApiReply> Add(string client, string? secret = null)
    {
        var body = In(client);
        if (secret is not null) body["ClientSecret"] = secret;
        return realm.Admin.Try("AddUserPoolClientSecret", body);
    }

    Task<ApiReply> Delete(string client, string id)
    {
        var body = In(client);
        body["ClientSecretId"] = id;
        return realm.Admin.Try("DeleteUserPoolClientSecret", body);
    }

    async Task<JsonArray> List(string client) => (await realm.Admin.Call("ListUserPoolClientSecrets", In(client)))["ClientSecrets"]!.AsArray();

    Task<ApiReply> SignIn(string client, string secret)
    {
        var hash = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes("ana" + client)));
        return realm.Admin.Try("InitiateAuth", JsonNode.Parse(
            $$"""{"ClientId": "{{client}}", "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": {"USERNAME": "ana", "PASSWORD": "{{Realm.Password}}", "SECRET_HASH": "{{hash}}"} }""")!.AsObject(), signed: false);
    }

    /// <summary>A machine's token by Basic and by body, what introspection says of it, and the token endpoint with a secret too many.</summary>
    async Task<(int Basic, int Body, string Introspection, int Doubled)> Machine(string client, string secret)
    {
        (string, string) grant = ("grant_type", "client_credentials");
        var basic = await realm.App.Post("/oauth2/token", [grant], $"{client}:{secret}");
        var body = await realm.App.Post("/oauth2/token", [grant, ("client_id", client), ("client_secret", secret)]);
        var seen = await realm.App.Post("/oauth2/introspect", [("token", (string?)basic.Body["access_token"] ?? "none")], $"{client}:{secret}");
        var doubled = await realm.App.Post("/oauth2/token", [grant, ("client_id", client), ("client_secret", secret + "x")]);
        return (basic.Status, body.Status, seen.Status != 200 ? $"{seen.Status}" : (bool)seen.Body["active"]! ? "active" : "dead", doubled.Status);
    }
}
