namespace Poolhouse.Server.Login.Parts;

/// <summary>Where a form is sent, query included, and the CSRF token (and, where a challenge is under way, its handle) that goes with it.</summary>
public sealed record FormPost(string Action, string Csrf, string? Session = null);
