using System.Text.Json.Serialization;
using Poolhouse.Core;
using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations;

/// <summary>A request to the feed that is refused: RFC 6750 for what concerns the token, and words of our own for positions.</summary>
sealed class FeedException(int status, string error, string description) : Exception(description)
{
    public int Status { get; } = status;

    public string Error { get; } = error;

    public static FeedException NotFound(string poolId) => new(404, "not_found", $"User pool {poolId} does not exist.");

    /// <summary>The reader must fetch a snapshot: what came after its position can no longer be told.</summary>
    public static FeedException Gone(string why) => new(410, "position_gone", why);
}

/// <summary>The reply of a refused request.</summary>
public sealed record FeedError(string Error, string ErrorDescription);

/// <summary>Renders what the feed's handlers throw.</summary>
static partial class FeedErrors
{
    public static async ValueTask<object?> Render(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        http.Response.Headers.CacheControl = "no-store";
        try
        {
            return await next(context);
        }
        catch (FeedException refused)
        {
            // RFC 6750 §3.1: a call without a token is told how to come, and no error.
            if (refused.Status is 401 or 403)
                http.Response.Headers.WWWAuthenticate = refused.Error == "missing_token" ? "Bearer" : $"Bearer error=\"{refused.Error}\", error_description=\"{refused.Message}\"";
            if (refused.Status == 503) http.Response.Headers.RetryAfter = "5";
            return Reply(refused.Status, refused.Error, refused.Message);
        }
        // What has begun cannot become a refusal: the connection is cut, and the reader sees that it got a part.
        catch (StorageUnavailableException) when (!http.Response.HasStarted)
        {
            http.Response.Headers.RetryAfter = "2";
            return Reply(503, "temporarily_unavailable", "The database does not answer.");
        }
        catch (Exception unknown) when (unknown is not OperationCanceledException && !http.Response.HasStarted)
        {
            var id = Ids.Uuid();
            Unknown(http.RequestServices.GetRequiredService<ILogger<FeedAccess>>(), unknown, id);
            return Reply(500, "server_error", $"Reference: {id}");
        }
    }

    static IResult Reply(int status, string error, string description) =>
        TypedResults.Json(new FeedError(error, description), FeedJson.Default.FeedError, statusCode: status);

    [LoggerMessage(6001, LogLevel.Error, "A request to the revocation feed failed; reference {Id}")]
    static partial void Unknown(ILogger log, Exception exception, string id);
}

/// <summary>The JSON of this room.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(FeedError))]
sealed partial class FeedJson : JsonSerializerContext;
