using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Poolhouse.Server.Tests.Cognito;
using Xunit;

namespace Poolhouse.Server.Tests.BadInputs;

/// <summary>Bad inputs of the JSON API.</summary>
static class ApiInputs
{
    const string List = """{"MaxResults": 1}""";

    public static readonly BadInput[] Rows =
    [
        new("B52", "JSON API", "AdminCreateUser unsigned",          s => s.Api("AdminCreateUser", """{"UserPoolId": "a_b", "Username": "x"}"""), Expect.Api("MissingAuthenticationTokenException")),
        new("B53", "JSON API", "x-amz-target not signed",           _ => Verified((api, _) => api.Signed("ListUserPools", List, "content-type;host;x-amz-date")), Expect.Api("InvalidSignatureException")),
        new("B54", "JSON API", "signed six minutes ago",            _ => Verified(Late),                                                   Expect.Api("InvalidSignatureException")),
        new("B54", "JSON API", "a changed byte of the body",        _ => Verified(Changed),                                                Expect.Api("InvalidSignatureException")),
        new("B56", "JSON API", "truncated JSON",                    s => s.Api("InitiateAuth", """{"AuthFlow": "USER_PASS"""),             Expect.Api("SerializationException")),
        new("B56", "JSON API", "1000 deep",                         s => s.Api("InitiateAuth", Deep(1000)),                                Expect.Api("SerializationException")),
        new("B56", "JSON API", "a member twice",                    s => s.Api("InitiateAuth", """{"AuthFlow": "CUSTOM_AUTH", "AuthFlow": "USER_AUTH", "ClientId": "x"}"""), Expect.Api("SerializationException")),
        new("B56", "JSON API", "an array",                          s => s.Api("InitiateAuth", "[]"),                                      Expect.Api("SerializationException")),
        new("B56", "JSON API", "half a surrogate pair",             s => s.Api("InitiateAuth", """{"AuthFlow": "\ud800", "ClientId": "x"}"""), Expect.Api("SerializationException")),
        new("B57", "JSON API", "an unknown operation",              s => s.Api("CanaryOperation", "{}"),                                   Expect.Api("UnknownOperationException")),
        new("B57", "JSON API", "an operation in another case",      s => s.Api("initiateauth", "{}"),                                      Expect.Api("UnknownOperationException")),
        new("B58", "JSON API", "Session with one bit flipped",      s => Challenged(s, async (client, session) => await Answered(s, client, "newby", Flipped(session))), Expect.Api("NotAuthorizedException")),
        new("B58", "JSON API", "Session used twice",                s => Challenged(s, async (client, session) => { await Answered(s, client, "newby", session); return await Answered(s, client, "newby", session); }), Expect.Api("NotAuthorizedException")),
        new("B58", "JSON API", "Session of another user",           s => Challenged(s, async (client, session) => await Answered(s, client, "ana", session)), Expect.Api("NotAuthorizedException")),
        new("B58", "JSON API", "Session of another client",         s => Challenged(s, async (_, session) => await Answered(s, s.Other, "newby", session)), Expect.Api("NotAuthorizedException")),
        new("B59", "JSON API", "unknown user, wrong password",      Alike,                                                                 Expect.Api("NotAuthorizedException")),
    ];

    static async Task<Answer> Verified(Func<JsonApi, string, HttpRequestMessage> request)
    {
        await using var api = await JsonApi.Start();
        var good = await api.Http.SendAsync(api.Signed("ListUserPools", List));
        Assert.True(good.IsSuccessStatusCode);
        return await Answer.Of(await api.Http.SendAsync(request(api, List)));
    }

    static HttpRequestMessage Late(JsonApi api, string body)
    {
        var request = api.Signed("ListUserPools", body);
        api.Time.Advance(TimeSpan.FromMinutes(6));
        return request;
    }

    static HttpRequestMessage Changed(JsonApi api, string body)
    {
        var request = api.Signed("ListUserPools", body);
        request.Content = api.Request("ListUserPools", body.Replace('1', '2')).Content;
        return request;
    }

    static async Task<Answer> Challenged(Stage stage, Func<string, string, Task<Answer>> then)
    {
        var admin = stage.Realm.Admin;
        JsonObject Newby() => new() { ["UserPoolId"] = stage.Realm.Pool, ["Username"] = "newby" };
        await admin.Try("AdminDeleteUser", Newby());
        var made = Newby();
        (made["MessageAction"], made["TemporaryPassword"]) = ("SUPPRESS", "Temp0rary-1");
        await admin.Call("AdminCreateUser", made);
        var challenge = await admin.Call("InitiateAuth", new()
        {
            ["AuthFlow"] = "USER_PASSWORD_AUTH", ["ClientId"] = stage.Web,
            ["AuthParameters"] = new JsonObject { ["USERNAME"] = "newby", ["PASSWORD"] = "Temp0rary-1" },
        });
        Assert.Equal("NEW_PASSWORD_REQUIRED", (string?)challenge["ChallengeName"]);
        return await then(stage.Web, (string)challenge["Session"]!);
    }

    static async Task<Answer> Answered(Stage stage, string client, string username, string session) => Answer.Of(await stage.Realm.Admin.Try("RespondToAuthChallenge", new()
    {
        ["ClientId"] = client, ["ChallengeName"] = "NEW_PASSWORD_REQUIRED", ["Session"] = session,
        ["ChallengeResponses"] = new JsonObject { ["USERNAME"] = username, ["NEW_PASSWORD"] = "Passw0rd-2" },
    }, signed: false));

    // A user who exists and one who does not are told the same, to the byte.
    static async Task<Answer> Alike(Stage stage)
    {
        var answers = new List<Answer>();
        foreach (var name in (string[])["ana", "nobody-canary"])
            answers.Add(Answer.Of(await stage.Realm.Admin.Try("InitiateAuth", new()
            {
                ["AuthFlow"] = "USER_PASSWORD_AUTH", ["ClientId"] = stage.Web,
                ["AuthParameters"] = new JsonObject { ["USERNAME"] = name, ["PASSWORD"] = "Wr0ng-password" },
            }, signed: false)));
        Assert.Equal(answers[0].Body, answers[1].Body);
        Assert.Equal(answers[0].Http.Headers.Select(header => header.Key), answers[1].Http.Headers.Select(header => header.Key));
        return answers[1];
    }

    static string Flipped(string session) => session[..10] + (session[10] == 'A' ? 'B' : 'A') + session[11..];

    static string Deep(int depth) => string.Concat(Enumerable.Repeat("""{"AuthParameters":""", depth)) + "1" + new string('}', depth);
}
