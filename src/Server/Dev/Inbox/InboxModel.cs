namespace Poolhouse.Server.Dev.Inbox;

/// <summary>The inbox page: what would have gone out, newest first, and the name by which it was filtered.</summary>
public sealed record InboxModel(IReadOnlyList<InboxItem> Messages, string? Username = null, string Path = "/dev/inbox")
{
    public string RefreshUrl => string.IsNullOrEmpty(Username) ? Path : $"{Path}?username={Uri.EscapeDataString(Username)}";
}

/// <summary>One e-mail or text message as the page shows it; members as in the JSON form.</summary>
public sealed record InboxItem(DateTimeOffset At, string Kind, string Pool, string? Username, string To, string? Subject, string Body, string? Code);
