using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.BadInputs;

/// <summary>What came back for a bad input.</summary>
public sealed record Answer(int Status, string Body, HttpResponseMessage Http)
{
    public static async Task<Answer> Of(HttpResponseMessage reply) => new((int)reply.StatusCode, await reply.Content.ReadAsStringAsync(), reply);

    public static Answer Of(ApiReply reply) => new(reply.Status, reply.Body.ToJsonString(), reply.Http);

    public string? Location => Http.Headers.Location?.OriginalString;

    public string? Header(string name) =>
        Http.Headers.TryGetValues(name, out var values) || Http.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;
}

/// <summary>What the table's last column means (security.md §4, as design.md §10 adjusts it).</summary>
public static class Expect
{
    /// <summary>E400: a page of ours, leading nowhere, repeating nothing.</summary>
    public static Action<Answer> Page(int status = 400) => answer =>
    {
        Assert.Equal((status, "text/html"), (answer.Status, answer.Http.Content.Headers.ContentType?.MediaType));
        Assert.Null(answer.Location);
        Assert.Contains("frame-ancestors 'none'", answer.Header("Content-Security-Policy"), StringComparison.Ordinal);
        Assert.Equal(("DENY", "nosniff", "no-referrer"), (answer.Header("X-Frame-Options"), answer.Header("X-Content-Type-Options"), answer.Header("Referrer-Policy")));
        NotStored(answer);
        NotEchoed(answer);
    };

    /// <summary>R(x): back to the registered redirect URI with the error, the state and the issuer.</summary>
    public static Action<Answer> Back(string error, char separator = '?') => answer =>
    {
        Assert.True(answer.Status is 302 or 303, $"{answer.Status} {answer.Body}");
        Assert.StartsWith(Realm.Callback + separator, answer.Location, StringComparison.Ordinal);
        var query = Realm.Query(answer.Location!);
        Assert.Equal((error, Stage.State), (query["error"], query["state"]));
        Assert.StartsWith("http://localhost:", query["iss"], StringComparison.Ordinal);
        Assert.DoesNotContain("code", query.Keys);
        NotStored(answer);
    };

    /// <summary>J(x): a JSON error that nobody stores.</summary>
    public static Action<Answer> Json(string error, int status = 400) => answer =>
    {
        Assert.Equal((status, error), (answer.Status, (string?)JsonNode.Parse(answer.Body)!["error"]));
        Assert.Equal("application/json", answer.Http.Content.Headers.ContentType?.MediaType);
        NotStored(answer);
        NotEchoed(answer);
    };

    /// <summary>W(x): 401 with a Bearer challenge.</summary>
    public static Action<Answer> Bearer(string error, int status = 401) => answer =>
    {
        Json(error, status)(answer);
        Assert.StartsWith($"Bearer error=\"{error}\"", answer.Header("WWW-Authenticate"), StringComparison.Ordinal);
    };

    /// <summary>N(T): an error of the JSON API.</summary>
    public static Action<Answer> Api(string type) => answer =>
    {
        Assert.Equal((400, type), (answer.Status, (string?)JsonNode.Parse(answer.Body)!["__type"]));
        Assert.Equal("application/x-amz-json-1.1", answer.Http.Content.Headers.ContentType?.MediaType);
        Assert.Equal(type + ":", answer.Header("x-amzn-ErrorType"));
        NotStored(answer);
    };

    public static Action<Answer> Status(int status, string? body = null) => answer => Assert.Equal((status, body ?? answer.Body), (answer.Status, answer.Body));

    public static Action<Answer> Both(Action<Answer> one, Action<Answer> other) => answer =>
    {
        one(answer);
        other(answer);
    };

    /// <summary>What holds for every answer.</summary>
    public static void Decent(Answer answer)
    {
        Assert.InRange(answer.Status, 200, 499);
        foreach (var trace in (string[])["   at ", ".cs:line", "System.", "Poolhouse.Server"]) Assert.DoesNotContain(trace, answer.Body, StringComparison.Ordinal);
    }

    static void NotStored(Answer answer) => Assert.True(answer.Http.Headers.CacheControl?.NoStore, "may be stored");

    static void NotEchoed(Answer answer) => Assert.DoesNotContain("canary", answer.Body + answer.Http.Headers, StringComparison.OrdinalIgnoreCase);
}
