using Poolhouse.Server.Http;

namespace Poolhouse.Server.Login.Error;

/// <summary>/error: where Cognito sends what cannot go on. Nothing of the query is shown.</summary>
static class ErrorEndpoint
{
    public static IResult Show() => throw new PageException(
        400, "An error was encountered with the requested page", "Go back to the app that brought you here, and try again.");
}
