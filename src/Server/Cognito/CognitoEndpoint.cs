// The JSON API: POST / with X-Amz-Target, as cognito/operations.md §1 describes it.
//   CognitoEndpoint    HTTP in and out: target, body, headers, CORS
//   Operations         the table of contents; one file per operation in the rooms below
//   Operation          what an operation is; CognitoCall is what its handler works with
//   CognitoDispatcher  runs one and words what goes wrong; seed files come through it too
//   CognitoErrors      from a reason to __type and message
using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http.Features;
using Poolhouse.Core;
using Poolhouse.Server.Http;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito;

/// <summary>The one route of the JSON API.</summary>
public static class CognitoEndpoint
{
    const string Prefix = "AWSCognitoIdentityProviderService.";
    const string ContentType = "application/x-amz-json-1.1";
    const int MaxBody = 1024 * 1024;

    /// <summary>Browsers call this host from anywhere; nothing here rests on cookies.</summary>
    const string AllowedHeaders = "content-type,x-amz-target,x-amz-user-agent,cache-control,authorization,x-amz-date," +
        "x-amz-security-token,x-amz-content-sha256,amz-sdk-invocation-id,amz-sdk-request";

    /// <summary>What the operations need beside the stores, sealing and options that the host registers.</summary>
    public static void AddCognito(this IServiceCollection services)
    {
        services.AddSingleton<CallerAuthentication>();
        services.AddSingleton<CognitoDispatcher>();
        services.AddSingleton<PageTokens>();
        services.AddSingleton<Clients.ClientRules>();
        services.AddSingleton<Auth.SignInFlows>();
        services.AddSingleton<Auth.ChallengeAnswers>();
        services.AddSingleton<Auth.PasswordAnswers>();
        services.AddSingleton<Auth.SignInResult>();
        services.AddSingleton<Devices.UserDevices>();
        services.AddSingleton<Users.Invitations>();
        services.AddSingleton<Groups.Memberships>();
    }

    public static void MapCognito(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/", Handle);
        routes.MapMethods("/", ["OPTIONS"], Preflight);
    }

    static Microsoft.AspNetCore.Http.HttpResults.Ok Preflight(HttpResponse response)
    {
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlAllowMethods = "POST";
        response.Headers.AccessControlAllowHeaders = AllowedHeaders;
        response.Headers.AccessControlMaxAge = "86400";
        return TypedResults.Ok();
    }

    static async Task<IResult> Handle(HttpContext context, CognitoDispatcher dispatcher, CallerAuthentication callers)
    {
        var requestId = Requests.Id;
        Operation? operation = null;
        CognitoReply reply;
        try
        {
            operation = Find(context.Request);
            var body = await ReadBody(context);
            var caller = operation.Access == Access.Iam
                ? await callers.Authenticate(Capture(context.Request, body), context.RequestAborted) : null;
            reply = await dispatcher.Run(operation, body, new(caller, context.Connection.RemoteIpAddress), requestId, context.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            reply = CognitoDispatcher.Error(operation, e.StatusCode, e.StatusCode == StatusCodes.Status413PayloadTooLarge
                ? new("RequestEntityTooLargeException", "The body may have 1 MB.") : new("SerializationException", "The body could not be read."));
        }
        catch (Exception e) when (e is CognitoException or SignatureException or StorageUnavailableException)
        {
            // The caller's key is looked up in the database, too.
            reply = dispatcher.Refuse(operation, e, requestId);
        }
        WriteHeaders(context.Response, reply, requestId);
        return new Bytes(reply);
    }

    static Operation Find(HttpRequest request)
    {
        if (request.ContentType is not { } type || !type.StartsWith("application/x-amz-json-1.", StringComparison.OrdinalIgnoreCase))
            throw CognitoException.Serialization($"The content type must be {ContentType}.");
        var target = request.Headers["X-Amz-Target"].ToString();
        var name = target.StartsWith(Prefix, StringComparison.Ordinal) ? target[Prefix.Length..] : "";
        return Operations.Table.GetValueOrDefault(name) ?? throw new CognitoException("UnknownOperationException",
            Operations.Unsupported.ContainsKey(name) ? $"{name} is not built yet." : "X-Amz-Target names no operation of this service.");
    }

    /// <summary>The whole body, since its signature covers every byte; never more than the limit is held.</summary>
    static async Task<ReadOnlyMemory<byte>> ReadBody(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = MaxBody;
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            if (read.Buffer.Length > MaxBody) throw new BadHttpRequestException("too large", StatusCodes.Status413PayloadTooLarge);
            if (read.IsCompleted)
            {
                var body = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return body;
            }
            reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }

    static SignedRequest Capture(HttpRequest request, ReadOnlyMemory<byte> body) => new(request.Method, "/", request.QueryString.Value ?? "",
        [.. request.Headers.SelectMany(header => header.Value, (header, value) => KeyValuePair.Create(header.Key, value ?? ""))], body);

    static void WriteHeaders(HttpResponse response, CognitoReply reply, string requestId)
    {
        response.StatusCode = reply.Status;
        response.ContentType = ContentType;
        response.ContentLength = reply.Body.Length;
        response.Headers["x-amzn-RequestId"] = requestId;
        response.Headers.AccessControlAllowOrigin = "*";
        response.Headers.AccessControlExposeHeaders = "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date";
        response.Headers.CacheControl = "no-store";
        if (reply.Error is not { } error) return;
        response.Headers["x-amzn-ErrorType"] = error.Type + ":";
        response.Headers["x-amzn-ErrorMessage"] = HeaderText(error.Message);
        if (reply.Status == StatusCodes.Status503ServiceUnavailable) response.Headers.RetryAfter = "1";
    }

    /// <summary>A message may repeat what the caller sent; a header holds printable ASCII and not too much of it.</summary>
    static string HeaderText(string message)
    {
        var text = new StringBuilder();
        foreach (var c in message.AsSpan(0, Math.Min(message.Length, 1024))) text.Append(c is >= ' ' and <= '~' ? c : ' ');
        return text.ToString().Trim();
    }

    /// <summary>A body that is already bytes, under headers that are already written.</summary>
    sealed class Bytes(CognitoReply reply) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => httpContext.Response.Body.WriteAsync(reply.Body, httpContext.RequestAborted).AsTask();
    }
}
