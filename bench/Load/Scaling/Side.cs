using System.Diagnostics;
using System.Security.Cryptography;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load.Scaling;

/// What one kind of operation took and cost on one side, over all passes.
sealed class OperationCost
{
    public List<double> Milliseconds { get; } = [];
    public TimeSpan ServerCpu { get; set; }
    public DatabaseWork Database { get; set; } = new(TimeSpan.Zero, 0);
}

/// One server with so many users and sessions in its database.
sealed class Side : IAsyncDisposable
{
    /// Sessions that are refreshed, spread over the whole table by their random ids, so that no page of it is always the hot one.
    public const int Refreshed = 200;

    readonly Store store;
    readonly ServerProcess server;
    readonly PoolhousePeer peer;
    readonly HttpClient http;
    readonly ClosedLoop steady, rotating;
    readonly Queue<string> revocable = new();

    Side(int size, long bytes, Store store, ServerProcess server, PoolhousePeer peer, HttpClient http, ClosedLoop steady, ClosedLoop rotating) =>
        (Size, Bytes, this.store, this.server, this.peer, this.http, this.steady, this.rotating) = (size, bytes, store, server, peer, http, steady, rotating);

    public int Size { get; }

    /// What the users and sessions take on disk.
    public long Bytes { get; }

    public Dictionary<string, OperationCost> Costs { get; } = [];
    public ServerProcess Server => server;
    public Store Store => store;

    public static async Task<Side> With(int size, Store store, Paths paths, string data, HttpClient http)
    {
        var (peer, other) = (store.Peer(paths, rotates: false), store.Peer(paths, rotates: true));
        await using (await peer.Start(http, data, Options.ServerCore)) await peer.SignIn(http);
        Console.Error.WriteLine($"{store.Name}: storing {size:N0} users and sessions");
        var empty = store.Bytes();
        StoredPeople.Fill(store, size);
        var filled = store.Bytes() - empty;
        var server = await peer.Start(http, data, Options.ServerCore);
        other.At(peer.Url);
        return new(size, filled, store, server, peer, http, new(peer, server, http, await SignIn(peer)), new(other, server, http, await SignIn(other)));

        async Task<string[]> SignIn(PoolhousePeer app)
        {
            var tokens = new string[Refreshed];
            for (var i = 0; i < Refreshed; i++) tokens[i] = await app.SignIn(http, Somebody(size));
            return tokens;
        }
    }

    /// Every operation in turn, so many times each.
    public async Task Pass(bool keep, double scale)
    {
        foreach (var (name, times, once) in Operations())
        {
            var count = Math.Max(1, (int)(times * scale));
            var (work, cpu) = (store.Work(server), server.Cpu());
            var took = new List<double>(count);
            foreach (var number in Order(count)) took.Add(await once(number) / 1000);
            if (!keep) continue;
            var cost = Costs.TryGetValue(name, out var known) ? known : Costs[name] = new();
            cost.Milliseconds.AddRange(took);
            cost.ServerCpu += server.Cpu() - cpu;
            cost.Database += store.Work(server) - work;
        }
    }

    (string, int, Func<int, Task<double>>)[] Operations() =>
    [
        ("refresh, rotation off", Refreshed, steady.Refresh),
        ("refresh, rotation on", Refreshed, rotating.Refresh),
        ("sign-in by password", 40, _ => Timed(async () => revocable.Enqueue(await peer.SignIn(http, Somebody())))),
        ("ListUsers by e-mail", 100, _ => Timed(() => List($"email = \"{Somebody()}@example.com\"", 1))),
        ("ListUsers by the start of a name", 50, _ => Timed(() => List($"username ^= \"{Somebody()[..^2]}\"", null))),
        ("revoke", 40, _ => Timed(Revoke)),
    ];

    /// One refresh, in milliseconds.
    public async Task<double> RefreshOne() => await steady.Refresh(RandomNumberGenerator.GetInt32(Refreshed)) / 1000;

    string Somebody() => Somebody(Size);

    static string Somebody(int size) => StoredPeople.Name(RandomNumberGenerator.GetInt32(size) + 1);

    async Task List(string filter, int? found)
    {
        var reply = await peer.Ask(http, peer.Administer("ListUsers", new { UserPoolId = PoolhousePeer.Pool, Filter = filter }));
        var users = reply.GetProperty("Users").GetArrayLength();
        if (found is { } one ? users != one : users == 0) throw new BenchException($"ListUsers found {users} users for {filter}");
    }

    async Task Revoke()
    {
        using var request = peer.Revoke(revocable.Dequeue());
        using var reply = await http.SendAsync(request);
        if (!reply.IsSuccessStatusCode) throw new BenchException($"a revocation was answered {(int)reply.StatusCode}");
    }

    static async Task<double> Timed(Func<Task> once)
    {
        var start = Stopwatch.GetTimestamp();
        await once();
        return Stopwatch.GetElapsedTime(start).TotalMicroseconds;
    }

    static int[] Order(int count)
    {
        var order = Enumerable.Range(0, count).ToArray();
        RandomNumberGenerator.Shuffle<int>(order);
        return order;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
