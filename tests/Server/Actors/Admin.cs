using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>A reply of the JSON API.</summary>
public sealed record ApiReply(int Status, JsonObject Body, HttpResponseMessage Http)
{
    /// <summary>The __type of an error, or null.</summary>
    public string? Error => (string?)Body["__type"];

    public string? Message => (string?)Body["message"];

    public string RequestId => Http.Headers.GetValues("x-amzn-RequestId").Single();
}

/// <summary>Somebody who calls the JSON API: signed as an emulator takes it, or with the access key of a server that verifies.</summary>
public sealed class Admin(PoolhouseTestServer server, string region = "us-east-1")
{
    /// <summary>Calls an operation and returns whatever came back.</summary>
    public async Task<ApiReply> Try(string operation, JsonObject body, bool signed = true)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Url + "/");
        request.Headers.Add("X-Amz-Target", $"AWSCognitoIdentityProviderService.{operation}");
        if (signed && server.Key is { } key) Signer.Sign(request, body.ToJsonString(), key, server.Now, region);
        else if (signed)
            request.Headers.TryAddWithoutValidation("Authorization",
                $"AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/{region}/cognito-idp/aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature={new string('0', 64)}");
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString()));
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-amz-json-1.1");
        var reply = await server.Http.SendAsync(request);
        var text = await reply.Content.ReadAsStringAsync();
        // A fault of the server is never what a test waits for: better its log than the reply, which says nothing.
        if ((int)reply.StatusCode == 500) throw new InvalidOperationException($"{operation}: {text}\n{string.Join('\n', server.Log.Where(line => line.StartsWith("Error", StringComparison.Ordinal)))}");
        return new((int)reply.StatusCode, text.Length == 0 ? [] : JsonNode.Parse(text)!.AsObject(), reply);
    }

    /// <summary>Calls an operation that must succeed and returns its reply.</summary>
    public async Task<JsonObject> Call(string operation, JsonObject body)
    {
        var reply = await Try(operation, body);
        return reply.Status == 200 ? reply.Body : throw new InvalidOperationException($"{operation}: {reply.Error}: {reply.Message}");
    }

    /// <summary>Makes a pool and returns its id.</summary>
    public async Task<string> Pool(JsonObject? settings = null)
    {
        settings ??= [];
        settings["PoolName"] ??= "Test";
        return (string)(await Call("CreateUserPool", settings))["UserPool"]!["Id"]!;
    }

    /// <summary>Makes an app client and returns it.</summary>
    public async Task<JsonObject> Client(string poolId, JsonObject? settings = null)
    {
        settings ??= new() { ["ExplicitAuthFlows"] = new JsonArray("ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH") };
        settings["UserPoolId"] = poolId;
        settings["ClientName"] ??= "Test";
        return (await Call("CreateUserPoolClient", settings))["UserPoolClient"]!.AsObject();
    }

    /// <summary>Makes a confirmed user with a password.</summary>
    public async Task User(string poolId, string username, string password = "Passw0rd-1", JsonArray? attributes = null)
    {
        await Call("AdminCreateUser", new() { ["UserPoolId"] = poolId, ["Username"] = username, ["MessageAction"] = "SUPPRESS", ["UserAttributes"] = attributes ?? [] });
        await Call("AdminSetUserPassword", new() { ["UserPoolId"] = poolId, ["Username"] = username, ["Password"] = password, ["Permanent"] = true });
    }

    /// <summary>Signs a user in by password and returns the AuthenticationResult.</summary>
    public async Task<JsonObject> SignIn(string clientId, string username, string password = "Passw0rd-1") =>
        (await Call("InitiateAuth", new()
        {
            ["AuthFlow"] = "USER_PASSWORD_AUTH", ["ClientId"] = clientId,
            ["AuthParameters"] = new JsonObject { ["USERNAME"] = username, ["PASSWORD"] = password },
        }))["AuthenticationResult"]!.AsObject();
}
