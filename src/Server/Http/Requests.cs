using Poolhouse.Core;
using Poolhouse.Storage;

namespace Poolhouse.Server.Http;

/// <summary>Gives every request an id. Its reply shows it (X-Request-Id, at the JSON API x-amzn-RequestId too), and whatever is recorded because of it has it.</summary>
static class Requests
{
    const string Header = "X-Request-Id";

    /// <summary>The id of the request that is being answered.</summary>
    public static string Id => Cause.Current?.Request ?? Ids.Uuid();

    /// <summary>Stands before everything that may write.</summary>
    public static async Task Begin(HttpContext context, RequestDelegate next)
    {
        // A caller's own id is not taken over: it would let anybody write into the trail.
        var cause = new Cause(Ids.Uuid(), context.Connection.RemoteIpAddress?.ToString());
        Cause.Current = cause;
        context.Response.Headers[Header] = cause.Request;
        await next(context);
    }

    /// <summary>Puts the id back on a reply that was begun anew.</summary>
    public static void Mark(HttpResponse response) => response.Headers[Header] = Id;
}
