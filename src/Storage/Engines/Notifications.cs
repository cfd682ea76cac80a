using System.Text;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Npgsql;
using Poolhouse.Core;

namespace Poolhouse.Storage.Engines;

/// <summary>
/// LISTEN and NOTIFY between the nodes on one PostgreSQL. A message only wakes: what is missed, or cannot be sent, is found by
/// polling. It is sent after the commit and for many at once, since NOTIFY inside a transaction serializes all commits
/// of the database.
/// </summary>
sealed class Notifications(NpgsqlDataSource source, ILogger log) : IAsyncDisposable
{
    const string Name = "poolhouse";

    // PostgreSQL takes less than 8000 bytes.
    const int MostBytes = 7000;
    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Probe = TimeSpan.FromSeconds(30);

    // Beyond the bound the oldest are dropped: the readers poll.
    readonly Channel<Change> outgoing = Channel.CreateBounded<Change>(new BoundedChannelOptions(10_000) { SingleReader = true, FullMode = BoundedChannelFullMode.DropOldest });
    readonly CancellationTokenSource stop = new();

    // The first line of what this node sends: what it says itself it has acted upon at the commit.
    readonly string self = Ids.Uuid();
    Task loops = Task.CompletedTask;

    public Action<IReadOnlyList<Change>> Heard { private get; set; } = _ => { };

    public void Start() => loops = Task.WhenAll(Task.Run(() => Repeat(Listen)), Task.Run(() => Repeat(Send)));

    public void Send(IReadOnlyList<Change> changes)
    {
        foreach (var change in changes) outgoing.Writer.TryWrite(change);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await loops;
        stop.Dispose();
    }

    async Task Repeat(Func<Task> work)
    {
        var failing = false;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await work();
                failing = false;
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                if (!failing) log.LogWarning(e, "No LISTEN and NOTIFY for now; nodes hear of each other by polling");
                failing = true;
                await Task.Delay(Pause, stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }
    }

    async Task Listen()
    {
        await using var connection = await source.OpenConnectionAsync(stop.Token);
        connection.Notification += (_, message) => Heard(Parse(message.Payload));
        await using (var command = new NpgsqlCommand($"listen {Name}", connection)) await command.ExecuteNonQueryAsync(stop.Token);
        while (true)
        {
            // A connection that died silently would listen for ever.
            if (await connection.WaitAsync(Probe, stop.Token)) continue;
            await using var command = new NpgsqlCommand("select 1", connection);
            await command.ExecuteNonQueryAsync(stop.Token);
        }
    }

    async Task Send()
    {
        while (await outgoing.Reader.WaitToReadAsync(stop.Token))
        {
            await using var command = source.CreateCommand("select pg_notify(@name, @payload)");
            command.Parameters.AddWithValue("name", Name);
            command.Parameters.AddWithValue("payload", Collect());
            await command.ExecuteNonQueryAsync(stop.Token);
        }
    }

    // One line for each different change that waits.
    string Collect()
    {
        var lines = new HashSet<Change>();
        var bytes = self.Length;
        while (bytes < MostBytes && outgoing.Reader.TryPeek(out var change))
        {
            var length = Encoding.UTF8.GetByteCount(change.Kind) + Encoding.UTF8.GetByteCount(change.Id) + 2;
            if (bytes + length > MostBytes && lines.Count > 0) break;
            outgoing.Reader.TryRead(out change);
            if (lines.Add(change)) bytes += length;
        }
        return string.Join('\n', lines.Select(change => $"{change.Kind}\t{change.Id}").Prepend(self));
    }

    List<Change> Parse(string payload) => payload.StartsWith(self, StringComparison.Ordinal) ? [] :
    [
        .. from line in payload.Split('\n')
           let tab = line.IndexOf('\t', StringComparison.Ordinal)
           where tab > 0
           select new Change(line[..tab], line[(tab + 1)..]),
    ];
}
