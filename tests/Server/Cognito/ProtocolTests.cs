using System.Net;
using System.Text;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class ProtocolTests
{
    [Theory]
    [InlineData("", "UnknownOperationException", "X-Amz-Target names no operation of this service.")]
    [InlineData("NoSuchThing", "UnknownOperationException", "X-Amz-Target names no operation of this service.")]
    [InlineData("GetProvisionedLimit", "UnknownOperationException", "GetProvisionedLimit is not built yet.")]
    public async Task An_operation_that_is_not_there_is_unknown_and_one_that_is_not_built_is_named(string operation, string type, string text)
    {
        await using var api = await JsonApi.Start();
        var error = await api.Refused(operation);
        Assert.Equal((HttpStatusCode.BadRequest, type, text), (error.Status, error.Type, error.Text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("nonsense")]
    [InlineData("{\"UserPoolId\": \"a_b\"")]
    [InlineData("{\"UserPoolId\": 5}")]
    [InlineData("{\"UserPoolId\": \"a_b\", \"UserPoolId\": \"a_c\"}")]
    [InlineData("{\"UserPoolId\": \"a_b\", \"Unknown\": {\"x\": 1, \"x\": 2}}")]
    [InlineData("{\"UserPoolId\": \"\\ud800\"}")]
    [InlineData("deep")]
    public async Task A_body_that_is_no_plain_object_cannot_be_read(string body)
    {
        await using var api = await JsonApi.Start();
        if (body == "deep") body = string.Concat(Enumerable.Repeat("{\"a\":", 1000)) + "1" + new string('}', 1000);
        var error = await api.Refused("DescribeUserPool", body);
        Assert.Equal((HttpStatusCode.BadRequest, body.Length == 0 ? "InvalidParameterException" : "SerializationException"), (error.Status, error.Type));
    }

    [Fact]
    public async Task A_body_over_a_megabyte_is_refused_whether_its_length_is_told_or_not()
    {
        await using var api = await JsonApi.Start();
        // Barely too much, and asked before it is sent: a reply that overtakes a body breaks the connection under the client's write.
        var big = $"{{\"PoolName\": \"{new string('x', 1024 * 1024)}\"}}";
        var measured = api.Request("CreateUserPool", big);
        measured.Headers.ExpectContinue = true;
        var told = await Assert.ThrowsAsync<ApiException>(async () => await JsonApi.Result(await api.Http.SendAsync(measured)));
        var chunked = api.Request("CreateUserPool", big);
        chunked.Headers.TransferEncodingChunked = true;
        var untold = await Assert.ThrowsAsync<ApiException>(async () => await JsonApi.Result(await api.Http.SendAsync(chunked)));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, HttpStatusCode.RequestEntityTooLarge), (told.Status, untold.Status));
    }

    [Fact]
    public async Task Another_content_type_is_refused()
    {
        await using var api = await JsonApi.Start();
        var error = await Assert.ThrowsAsync<ApiException>(async () =>
            await JsonApi.Result(await api.Http.SendAsync(api.Request("ListUserPools", "{}", "application/json"))));
        Assert.Equal("SerializationException", error.Type);
    }

    [Fact]
    public async Task A_reply_has_the_headers_that_clients_read()
    {
        await using var api = await JsonApi.Start();
        using var reply = await api.Http.SendAsync(api.Signed("DescribeUserPool", """{"UserPoolId": "us-east-1_Nobody\u00e9"}"""));

        Assert.Equal("application/x-amz-json-1.1", reply.Content.Headers.ContentType!.ToString());
        Assert.True(Guid.TryParse(reply.Headers.GetValues("x-amzn-RequestId").Single(), out _));
        Assert.Equal("InvalidParameterException:", reply.Headers.GetValues("x-amzn-ErrorType").Single());
        Assert.StartsWith("1 validation error detected: Value 'us-east-1_Nobody ' at", reply.Headers.GetValues("x-amzn-ErrorMessage").Single(), StringComparison.Ordinal);
        Assert.Equal("*", reply.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("x-amzn-ErrorType", reply.Headers.GetValues("Access-Control-Expose-Headers").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_browser_on_another_origin_may_ask()
    {
        await using var api = await JsonApi.Start();
        var request = new HttpRequestMessage(HttpMethod.Options, $"http://{api.Authority}/");
        request.Headers.Add("Origin", "https://app.example");
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "content-type,x-amz-target,x-amz-user-agent,cache-control");
        using var reply = await api.Http.SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, reply.StatusCode);
        var allowed = reply.Headers.GetValues("Access-Control-Allow-Headers").Single().Split(',');
        Assert.Empty(((string[])["content-type", "x-amz-target", "x-amz-user-agent", "cache-control"]).Except(allowed));
    }

    [Fact]
    public async Task An_operation_without_output_has_an_empty_body_and_one_with_an_empty_output_an_object()
    {
        await using var api = await JsonApi.Start();
        var pool = await api.Pool();
        using var update = await api.Http.SendAsync(api.Signed("UpdateUserPool", $$"""{"UserPoolId": "{{pool}}"}"""));
        using var delete = await api.Http.SendAsync(api.Signed("DeleteUserPool", $$"""{"UserPoolId": "{{pool}}"}"""));
        Assert.Equal((HttpStatusCode.OK, "{}"), (update.StatusCode, await update.Content.ReadAsStringAsync()));
        Assert.Equal((HttpStatusCode.OK, ""), (delete.StatusCode, await delete.Content.ReadAsStringAsync()));
    }
}
