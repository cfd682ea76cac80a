using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

/// <summary>Tests that measure memory or time, or open a thousand connections: they run after all others, one by one.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;
