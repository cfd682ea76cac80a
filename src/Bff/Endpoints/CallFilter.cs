using Microsoft.AspNetCore.Http;

namespace Poolhouse.Bff.Endpoints;

/// <summary>What stands before every call: the gate, and an answer that ends no session if something of ours fails.</summary>
sealed class CallFilter(CallGate gate, BffTelemetry told)
{
    /// <summary>A call that only our own page may make.</summary>
    public async Task Call(HttpContext context, Func<HttpContext, Task> handle)
    {
        if (gate.Refusal(context.Request) is { } why)
        {
            told.Refused(context.Request.Path, why);
            await Replies.Problem(context.Response, StatusCodes.Status403Forbidden, "forbidden", $"Only a page of this site may call: {why}.");
            return;
        }
        await Safely(context, handle);
    }

    /// <summary>A navigation: a person reads the answer.</summary>
    public Task Navigation(HttpContext context, Func<HttpContext, Task> handle) => Safely(context, handle, () =>
    {
        context.Response.Headers.RetryAfter = "5";
        return BffPages.Problem(context.Response, StatusCodes.Status503ServiceUnavailable, "This is not possible at the moment", "Please try again in a few seconds.", "/");
    });

    /// <summary>A store that fails is 503: nobody is signed out because a database restarts.</summary>
    public Task Safely(HttpContext context, Func<HttpContext, Task> handle) => Safely(context, handle, () => Replies.Away(context.Response, TimeSpan.FromSeconds(1)));

    async Task Safely(HttpContext context, Func<HttpContext, Task> handle, Func<Task> away)
    {
        try
        {
            await handle(context);
        }
        catch (Exception fault) when (fault is not (OperationCanceledException or BadHttpRequestException) && !context.Response.HasStarted)
        {
            told.StoreFailed(fault);
            await away();
        }
    }
}
