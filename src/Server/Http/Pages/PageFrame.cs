namespace Poolhouse.Server.Http.Pages;

/// <summary>What the layout needs to know of a page: its title, and whether it takes the whole width instead of standing beside the pool.</summary>
public sealed record PageFrame(string Title, bool Wide = false);
