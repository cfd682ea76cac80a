using Poolhouse.Core;
using Poolhouse.Server.Http;
using Poolhouse.Server.Http.Pages;
using Poolhouse.Server.Login.Error;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Login;

/// <summary>
/// Renders as a page what a browser's request ends in: ours and everybody else's faults. Surfaces with a wire form of their
/// own answer before anything comes here. Nothing of the request is repeated.
/// </summary>
sealed partial class PageErrors(ServerOptions server, ILogger<PageErrors> log)
{
    public async Task Render(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
            if (context.GetEndpoint() is null && context.Response is { StatusCode: 404, HasStarted: false } && WantsPage(context.Request))
                await Show(context, 404, "There is nothing here", "Check the address, or go back to the app that brought you here.");
        }
        catch (AuthorizationRefusedException refused) when (!context.Response.HasStarted)
        {
            SendBack(context, refused.Location(server.IssuerOf(refused.Pool)));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to read an answer.
        }
        catch (Exception fault) when (!context.Response.HasStarted)
        {
            var (status, title, message, reference) = Of(fault);
            if (status == 503) context.Response.Headers.RetryAfter = "2";
            await Show(context, status, title, message, reference);
        }
    }

    (int Status, string Title, string Message, string? Reference) Of(Exception fault)
    {
        switch (fault)
        {
            case PageException page:
                return (page.Status, page.Title, page.Message, null);
            case StrictFormException form:
                return (form.Status, "This form could not be read", form.Message, null);
            case BadHttpRequestException bad:
                return (bad.StatusCode, "This request could not be read", "Go back to the app that brought you here, and try again.", null);
            case RefusedException refused:
                var worded = LoginErrors.Of(refused);
                return (worded.Status, "That did not work", worded.Problem.Message, null);
            case StorageUnavailableException:
                Unavailable(fault);
                return (503, "Please try again", "The server is busy with itself for a moment. Reload this page in a few seconds.", null);
            default:
                var reference = Ids.Uuid();
                Unknown(fault, reference);
                return (500, "Something went wrong", "It is not your fault. If it happens again, tell whoever runs this app, with this reference.", reference);
        }
    }

    static async Task Show(HttpContext context, int status, string title, string message, string? reference = null)
    {
        var retryAfter = context.Response.Headers.RetryAfter;
        var dev = context.Response.Headers["X-Poolhouse-Dev"];
        context.Response.Clear();
        PageHeaders.Apply(context.Response);
        Requests.Mark(context.Response);
        if (retryAfter.Count > 0) context.Response.Headers.RetryAfter = retryAfter;
        if (dev.Count > 0) context.Response.Headers["X-Poolhouse-Dev"] = dev;
        var page = ErrorPage.Create(new(title, message, reference));
        page.StatusCode = status;
        await ((IResult)page).ExecuteAsync(context);
    }

    static void SendBack(HttpContext context, string location)
    {
        PageHeaders.Apply(context.Response);
        context.Response.Headers.Location = location;
        context.Response.StatusCode = HttpMethods.IsPost(context.Request.Method) ? StatusCodes.Status303SeeOther : StatusCodes.Status302Found;
    }

    static bool WantsPage(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    [LoggerMessage(4001, LogLevel.Error, "A page failed; reference {Id}")]
    partial void Unknown(Exception exception, string id);

    [LoggerMessage(4002, LogLevel.Warning, "A page found no database")]
    partial void Unavailable(Exception exception);
}
