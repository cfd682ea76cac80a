using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Text;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>A revocation feed of somebody else's, which the test scripts line by line. It shares no code with ours.</summary>
sealed class FakeFeed(TimeProvider time)
{
    readonly Lock access = new();
    readonly List<PipeWriter> readers = [];
    readonly List<(byte Kind, string Value, long KeepUntil)> entries = [];
    readonly StringBuilder held = new();

    public string Epoch { get; set; } = new('a', 32);

    public long Head { get; set; }

    /// <summary>How far the server's clock is ahead of everybody else's.</summary>
    public TimeSpan Ahead { get; set; }

    /// <summary>Whether a reader hears a heartbeat as soon as it has come.</summary>
    public bool BeatsAtOnce { get; set; } = true;

    /// <summary>Whether what is said lies in a buffer on its way.</summary>
    public bool Holding { get; set; }

    /// <summary>Answers in place of the stream; null lets it through. Given the position that was asked for.</summary>
    public Func<string, HttpResponseMessage?> InsteadOfStream { get; set; } = _ => null;

    /// <summary>What becomes of the bytes of a snapshot on their way.</summary>
    public Func<byte[], Stream> Carry { get; set; } = bytes => new MemoryStream(bytes);

    /// <summary>What was asked for: "snapshot", or the position from which the stream was asked.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    public int Snapshots => Asked.Count(one => one == "snapshot");

    public int Streams => Asked.Count(one => one != "snapshot");

    public int Readers
    {
        get { lock (access) return readers.Count; }
    }

    long Now => (time.GetUtcNow() + Ahead).ToUnixTimeMilliseconds();

    public HttpResponseMessage Answer(Uri uri)
    {
        if (uri.AbsolutePath.EndsWith("/snapshot", StringComparison.Ordinal))
        {
            Asked.Enqueue("snapshot");
            lock (access) return new(HttpStatusCode.OK) { Content = new StreamContent(Carry(Snapshot())) };
        }
        var since = Uri.UnescapeDataString(uri.Query["?since=".Length..]);
        Asked.Enqueue(since);
        return InsteadOfStream(since) ?? (since.StartsWith(Epoch, StringComparison.Ordinal) ? Join(long.Parse(since[33..], null)) : new(HttpStatusCode.Gone));
    }

    /// <summary>Adds an entry and tells all who read.</summary>
    public void Revoke(string value, string kind = "session", long? keepUntil = null) => Tell(Add(value, kind, keepUntil), entries.Count - 1);

    /// <summary>Adds an entry and tells nobody: it is in the next snapshot, and leaves a gap in the streams.</summary>
    public long Add(string value, string kind = "session", long? keepUntil = null)
    {
        lock (access)
        {
            entries.Add(((byte)(kind == "session" ? 1 : kind == "client" ? 2 : 3), value, keepUntil ?? time.GetUtcNow().ToUnixTimeSeconds() + 7200));
            return ++Head;
        }
    }

    /// <summary>Forgets everything, as a server does that was restored from a backup.</summary>
    public void Restore(string epoch)
    {
        lock (access) entries.Clear();
        (Epoch, Head) = (epoch, 0);
    }

    public void Beat() => Say($"id: {Epoch}:{Head}\nevent: heartbeat\ndata: {{\"head\":\"{Epoch}:{Head}\",\"time\":{Now}}}\n\n");

    /// <summary>Says something to all who read.</summary>
    public void Say(string text)
    {
        lock (access)
        {
            held.Append(text);
            if (!Holding) Release();
        }
    }

    /// <summary>Lets out what lay in the buffer.</summary>
    public void Release()
    {
        lock (access)
        {
            foreach (var reader in readers) reader.WriteAsync(Encoding.UTF8.GetBytes(held.ToString())).AsTask().GetAwaiter().GetResult();
            held.Clear();
        }
    }

    /// <summary>Cuts everybody off.</summary>
    public void Cut()
    {
        lock (access)
        {
            foreach (var reader in readers) reader.Complete(new IOException("The connection was reset."));
            readers.Clear();
            held.Clear();
        }
    }

    public byte[] Snapshot()
    {
        using var body = new MemoryStream();
        body.Write("PHRS"u8);
        body.WriteByte(1);
        body.Write(Convert.FromHexString(Epoch));
        body.Write(Big(Head));
        body.Write(Big(Now));
        foreach (var (kind, value, keepUntil) in entries)
        {
            body.WriteByte(kind);
            if (kind == 1) body.Write(Convert.FromHexString(value.Replace("-", "", StringComparison.Ordinal)));
            else body.Write([(byte)value.Length, .. Encoding.UTF8.GetBytes(value)]);
            body.Write(Big(keepUntil).AsSpan(4));
        }
        body.WriteByte(0);
        body.Write(Big(entries.Count));
        return body.ToArray();
    }

    void Tell(long seq, int index)
    {
        var (kind, value, keepUntil) = entries[index];
        var name = kind == 1 ? "session" : kind == 2 ? "client" : "pool";
        Say($"id: {Epoch}:{seq}\nevent: revoked\ndata: {{\"kind\":\"{name}\",\"value\":\"{value}\",\"keep_until\":{keepUntil}}}\n\n");
    }

    HttpResponseMessage Join(long since)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        lock (access)
        {
            readers.Add(pipe.Writer);
            var missed = entries.Count - (int)(Head - since);
            for (var at = Math.Max(0, missed); at < entries.Count; at++) Tell(Head - entries.Count + at + 1, at);
            if (BeatsAtOnce) Beat();
        }
        return new(HttpStatusCode.OK) { Content = new StreamContent(pipe.Reader.AsStream()) };
    }

    static byte[] Big(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }
}
