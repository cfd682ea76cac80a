using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Poolhouse.Load;

/// A fixed number of connections that each send their next request when the last was answered. The driver shares the machine with what it
/// measures, so it costs as little as can be: one thread, sockets, and requests that are bytes already.
sealed class HttpLoop : IDisposable
{
    // Far more than any server here takes for one answer, with 16 at work.
    const int PatienceMicroseconds = 30_000_000;

    readonly Dictionary<Socket, Connection> connections;

    public HttpLoop(Uri url, int count) => connections = Enumerable.Range(0, count).Select(number => new Connection(url, number)).ToDictionary(connection => connection.Socket);

    /// Sends so many requests. `next` makes that of a connection, `took` is given the body of its answer; anything but 200 ends the run.
    public void Run(int count, Func<int, byte[]> next, Action<int, ReadOnlyMemory<byte>> took)
    {
        var waiting = connections.Keys.Take(count).ToList();
        foreach (var socket in waiting) socket.Send(next(connections[socket].Number));
        for (var sent = waiting.Count; waiting.Count > 0;)
        {
            var ready = new List<Socket>(waiting);
            Socket.Select(ready, null, null, PatienceMicroseconds);
            if (ready.Count == 0) throw new BenchException("no answer for 30 seconds");
            foreach (var socket in ready)
            {
                var connection = connections[socket];
                if (!connection.Receive(out var body)) continue;
                took(connection.Number, body);
                if (sent++ < count) socket.Send(next(connection.Number)); else waiting.Remove(socket);
            }
        }
    }

    public void Dispose()
    {
        foreach (var socket in connections.Keys) socket.Dispose();
    }

    sealed class Connection
    {
        readonly byte[] buffer = new byte[64 * 1024];
        int filled;

        public Connection(Uri url, int number)
        {
            Number = number;
            Socket.Connect(url.Host, url.Port);
        }

        public int Number { get; }
        public Socket Socket { get; } = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

        /// Takes what has come in; true with the body once the answer is there, which is good until the next.
        public bool Receive(out ReadOnlyMemory<byte> body)
        {
            body = default;
            var read = Socket.Receive(buffer.AsSpan(filled));
            filled += read;
            if (read == 0) throw new BenchException($"the connection was closed after: {Text(filled)}");
            var head = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) + 4;
            if (head < 4 || !TryBody(head, out body)) return false;
            if (!buffer.AsSpan().StartsWith("HTTP/1.1 200 "u8)) throw new BenchException($"answered with: {Text(filled)}");
            filled = 0;
            return true;
        }

        // Of a length that its head tells, or in chunks of which the last is empty (RFC 9112 §7.1): nobody here reads what is in them.
        bool TryBody(int head, out ReadOnlyMemory<byte> body)
        {
            body = buffer.AsMemory(head, filled - head);
            var fields = Text(head);
            if (Field(fields, "content-length:") is { } length) return body.Length == int.Parse(length, CultureInfo.InvariantCulture);
            if (Field(fields, "transfer-encoding:") == "chunked") return body.Span.EndsWith("0\r\n\r\n"u8);
            throw new BenchException($"an answer whose end nobody knows: {fields}");
        }

        static string? Field(string fields, string name)
        {
            var at = fields.IndexOf(name, StringComparison.OrdinalIgnoreCase) + name.Length;
            return at < name.Length ? null : fields[at..fields.IndexOf('\r', at)].Trim();
        }

        string Text(int length) => Encoding.ASCII.GetString(buffer, 0, length);
    }
}
