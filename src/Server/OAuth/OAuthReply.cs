using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Poolhouse.Server.OAuth;

/// <summary>A JSON reply of the OAuth endpoints, whole and with its length: in chunks it would be sent in two pieces.</summary>
sealed class OAuthReply<T>(T value, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK) : IResult
{
    // Cognito's, to the letter.
    const string ContentType = "application/json;charset=UTF-8";

    public Task ExecuteAsync(HttpContext httpContext)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(value, type);
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = ContentType;
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body, httpContext.RequestAborted).AsTask();
    }
}
