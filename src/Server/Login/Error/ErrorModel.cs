namespace Poolhouse.Server.Login.Error;

/// <summary>The page for a request that cannot go on; the reference finds it in the log.</summary>
public sealed record ErrorModel(
    string Title,
    string Message,
    string? Reference = null);
