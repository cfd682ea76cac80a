namespace Poolhouse.Server.Http;

/// <summary>A request of a browser that must not lead anywhere else: the answer is a page of ours, without an echo of what came in.</summary>
/// <param name="status">The status code.</param>
/// <param name="title">The page's heading.</param>
/// <param name="message">One sentence that helps the developer.</param>
public sealed class PageException(int status, string title, string message) : Exception(message)
{
    /// <summary>The status code.</summary>
    public int Status { get; } = status;

    /// <summary>The page's heading.</summary>
    public string Title { get; } = title;
}
