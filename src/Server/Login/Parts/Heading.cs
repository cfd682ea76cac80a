using Poolhouse.Server.Http.Pages;

namespace Poolhouse.Server.Login.Parts;

/// <summary>The head of a page: for which app it is, and what is to be done.</summary>
public sealed record Heading(string? ClientName, string Text)
{
    /// <summary>The title says it first when something went wrong, since that is what a screen reader reads on arrival.</summary>
    public PageFrame Frame(Problem? problem = null) =>
        new((problem is null ? "" : "Error: ") + Text + (string.IsNullOrEmpty(ClientName) ? "" : " · " + ClientName));
}
