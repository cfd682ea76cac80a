using System.Data.Common;

namespace Poolhouse.Storage.Engines;

/// <summary>A connection that somebody reads with. Disposed of, it goes to whoever is given it back, or is closed.</summary>
sealed class Reader(DbConnection connection, Func<Reader, ValueTask>? giveBack = null) : IAsyncDisposable
{
    public Statements Statements { get; } = new(connection, transaction: null, keep: giveBack is not null);

    public ValueTask DisposeAsync() => giveBack is null || Statements.Failed ? Close() : giveBack(this);

    public ValueTask Close()
    {
        Statements.Dispose();
        return connection.DisposeAsync();
    }
}
