using System.Net;
using System.Text;
using Poolhouse.Storage;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Trials.Simulation;

/// <summary>The way from one guard to the nodes: slow, lossy, cut. Each request takes one of the nodes, as a load balancer would have it.</summary>
sealed class Wire(World world, Life life) : HttpMessageHandler
{
    readonly List<SimStream> open = [];

    /// <summary>The nodes that cannot be reached now.</summary>
    public HashSet<int> Cut { get; } = [];

    Chance Chance => world.Agenda.Chance;

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answered = new TaskCompletionSource<HttpResponseMessage>();
        cancellationToken.Register(() => answered.TrySetCanceled(cancellationToken));
        var (path, node) = (request.RequestUri!.PathAndQuery, Chance.Between(0, world.Nodes.Length - 1));
        world.Agenda.Soon(Chance.Of(0.05) ? 3000 : 40, () => world.Agenda.Begin(() => Arrive(path, node, answered)), life);
        return answered.Task;
    }

    /// <summary>Everything that was under way breaks off.</summary>
    public void Break()
    {
        foreach (var stream in open.ToArray()) stream.Break();
        open.Clear();
    }

    async Task Arrive(string path, int number, TaskCompletionSource<HttpResponseMessage> answered)
    {
        // Half of what is lost is lost without a word.
        if (Cut.Contains(number) || Chance.Of(world.Trouble * 0.1))
        {
            if (Chance.Of(0.5)) Fail(answered);
            return;
        }
        var node = world.Nodes[number];
        if (node is null || node.Life.Ended) Fail(answered);
        else if (node.Life.HeldUntil > world.Agenda.Now) world.Agenda.In((node.Life.HeldUntil - world.Agenda.Now) / 1000.0, () => world.Agenda.Begin(() => Arrive(path, number, answered)), life);
        else
        {
            try
            {
                var reply = await Answer(node, path);
                world.Agenda.Soon(40, () => answered.TrySetResult(reply), life);
            }
            catch (StorageUnavailableException)
            {
                world.Agenda.Soon(40, () => answered.TrySetResult(new(HttpStatusCode.ServiceUnavailable)), life);
            }
        }
    }

    async Task<HttpResponseMessage> Answer(Node node, string path)
    {
        if (path.EndsWith("/jwks.json", StringComparison.Ordinal)) return Good(new ByteArrayContent(Encoding.UTF8.GetBytes(await node.Keys())));
        if (path.EndsWith("/snapshot", StringComparison.Ordinal)) return Good(new ByteArrayContent(await node.Feed.Snapshot()));
        if (!FeedPosition.TryParse(path[(path.IndexOf("since=", StringComparison.Ordinal) + 6)..], out var since)) return new(HttpStatusCode.BadRequest);
        if (await node.Feed.Join(since) is not { } stream) return new(HttpStatusCode.Gone);
        stream.Join(life, node.Life, () => Cut.Contains(node.Number), world.Trouble);
        open.RemoveAll(one => one.Closed);
        open.Add(stream);
        return Good(new StreamContent(stream));
    }

    static HttpResponseMessage Good(HttpContent content) => new(HttpStatusCode.OK) { Content = content };

    static void Fail(TaskCompletionSource<HttpResponseMessage> answered) => answered.TrySetException(new HttpRequestException("The connection was refused."));
}

/// <summary>Bytes on their way from a node to a guard, in order, each after a delay; a cut holds them up, a break loses them.</summary>
sealed class SimStream(Agenda agenda) : Stream
{
    readonly Queue<ReadOnlyMemory<byte>> underway = new();
    readonly List<byte> arrived = [];
    Life? reader;
    Life? writer;
    Func<bool> cut = () => false;
    double trouble;
    TaskCompletionSource<int>? waiting;
    Memory<byte> into;
    bool moving;
    bool ended;
    bool broken;

    public bool Closed => broken || reader is { Ended: true };

    public void Join(Life to, Life from, Func<bool> isCut, double inTrouble)
    {
        (reader, writer, cut, trouble) = (to, from, isCut, inTrouble);
        Move();
    }

    public void Send(ReadOnlyMemory<byte> bytes)
    {
        underway.Enqueue(bytes);
        Move();
    }

    /// <summary>The writer has said all; what is under way arrives.</summary>
    public void End()
    {
        ended = true;
        Move();
    }

    public void Break()
    {
        broken = true;
        Wake();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (arrived.Count > 0) return Take(buffer);
        if (broken) throw new IOException("The connection was reset.");
        if (ended && underway.Count == 0) return 0;
        (into, waiting) = (buffer, new());
        await using var cancelled = cancellationToken.Register(() => waiting.TrySetCanceled(cancellationToken));
        return await waiting.Task.ConfigureAwait(false);
    }

    // One piece after the other; now and then one lies in a buffer for long, and all behind it.
    void Move()
    {
        if (moving || reader is null || (underway.Count == 0 && !ended)) return;
        moving = true;
        var delay = agenda.Chance.Of(trouble * 0.02) ? agenda.Chance.Between(0, 30_000) : agenda.Chance.Between(0, 30_000) / 1000.0;
        agenda.In(delay, Arrive, reader);
    }

    void Arrive()
    {
        moving = false;
        if (broken) return;
        if (cut())
        {
            moving = true;
            agenda.In(250, Arrive, reader);
            return;
        }
        if (underway.TryDequeue(out var bytes)) arrived.AddRange(bytes.Span);
        // A process that dies takes its sockets with it.
        if (writer!.Ended) broken = true;
        Wake();
        if (underway.Count > 0) Move();
    }

    void Wake()
    {
        if (waiting is not { } one) return;
        waiting = null;
        if (arrived.Count > 0) one.TrySetResult(Take(into));
        else if (broken) one.TrySetException(new IOException("The connection was reset."));
        else if (ended && underway.Count == 0) one.TrySetResult(0);
        else waiting = one;
    }

    int Take(Memory<byte> buffer)
    {
        var count = Math.Min(buffer.Length, arrived.Count);
        System.Runtime.InteropServices.CollectionsMarshal.AsSpan(arrived)[..count].CopyTo(buffer.Span);
        arrived.RemoveRange(0, count);
        return count;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
