using System.Reflection;
using Xunit;
using Xunit.Sdk;
using Xunit.v3;

namespace Poolhouse.Storage.Tests;

/// <summary>The two databases that every store test runs on.</summary>
public enum Product
{
    Sqlite,
    Postgres,
}

/// <summary>Runs a theory on a real SQLite file and on a real PostgreSQL database.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OnBothAttribute : DataAttribute
{
    public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(MethodInfo testMethod, DisposalTracker disposalTracker) =>
        new([new TheoryDataRow<Product>(Product.Sqlite), new TheoryDataRow<Product>(Product.Postgres)]);

    public override bool SupportsDiscoveryEnumeration() => true;
}
