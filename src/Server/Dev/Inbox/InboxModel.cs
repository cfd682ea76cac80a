namespace Poolhouse.Server.Dev.Inbox;

/// <summary>The inbox page: what would have gone out, newest first, and the name by which it was filtered.</summary>
public sealed record InboxModel(IReadOnlyList<InboxItem> Messages, string? Username = null, string Path = "/dev/inbox")
{
    public string RefreshUrl => string.IsNullOrEmpty(Username) ? Path : $"{Path}?username={Uri.EscapeDataString(Username)}";
}

/// <summary>One e-mail or text message as the page shows it; members as in the JSON form.</summary>
/// <param name="At">When it was posted.</param>
/// <param name="Kind">What it is about.</param>
/// <param name="Pool">The pool.</param>
/// <param name="Username">The user.</param>
/// <param name="Medium">EMAIL or SMS.</param>
/// <param name="To">The address or number.</param>
/// <param name="Subject">Of an e-mail.</param>
/// <param name="Body">Null where a function of the pool words and sends it.</param>
/// <param name="Code">The code or temporary password.</param>
/// <param name="Link">The link that confirms a sign-up, in a message by link.</param>
/// <param name="Trouble">Why the mail server, webhook or function that it should have gone to has not taken it.</param>
public sealed record InboxItem(DateTimeOffset At, string Kind, string Pool, string? Username, string Medium, string To, string? Subject, string? Body, string? Code,
    string? Link = null, string? Trouble = null);
