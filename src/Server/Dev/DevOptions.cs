namespace Poolhouse.Server.Dev;

/// <summary>What `poolhouse dev` adds.</summary>
/// <param name="Port">The port on the loopback interface.</param>
/// <param name="Seed">A seed file, or null for the built-in seed.</param>
/// <param name="Expose">Listens on every interface.</param>
/// <param name="ShortLifetimes">Lifts the lower bounds of token lifetimes.</param>
public sealed record DevOptions(int Port = 9229, string? Seed = null, bool Expose = false, bool ShortLifetimes = false);
