using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Poolhouse.Load.Guarding;

/// The closed loop for an API that answers faster than HttpClient asks: one thread goes round the connections, takes the answer of each
/// and sends its next request, so that the server has all the others to work on in between. Requests are bytes that were made before.
sealed class RequestLoop : IDisposable
{
    readonly ServerProcess server;
    readonly byte[][] requests;
    readonly Socket[] connections;
    readonly byte[] reply = new byte[4096];
    int next;

    public RequestLoop(ServerProcess server, Uri url, string[] tokens)
    {
        this.server = server;
        requests = [.. tokens.Select(token => Encoding.ASCII.GetBytes($"GET / HTTP/1.1\r\nHost: {url.Authority}\r\nAuthorization: Bearer {token}\r\n\r\n"))];
        connections = [.. Enumerable.Range(0, Options.Connections).Select(_ =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(url.Host, url.Port);
            return socket;
        })];
    }

    public Sample Run(int count)
    {
        var (driver, cpu, watch) = (Environment.CpuUsage.TotalTime, server.Cpu(), Stopwatch.StartNew());
        for (var i = 0; i < count + connections.Length; i++)
        {
            var connection = connections[i % connections.Length];
            if (i >= connections.Length) Take(connection);
            if (i < count) connection.Send(requests[next++ % requests.Length]);
        }
        var elapsed = watch.Elapsed;
        return new(count / elapsed.TotalSeconds, (server.Cpu() - cpu).TotalMicroseconds / count, (Environment.CpuUsage.TotalTime - driver) / elapsed);
    }

    public void Dispose()
    {
        foreach (var connection in connections) connection.Dispose();
    }

    // Every answer is the same few bytes; the first that is another ends the run.
    void Take(Socket connection)
    {
        for (var filled = 0; ;)
        {
            var read = connection.Receive(reply.AsSpan(filled));
            filled += read;
            var text = reply.AsSpan(0, filled);
            if (read == 0 || (filled > 12 && !text.StartsWith("HTTP/1.1 200"u8))) throw new BenchException($"the API answered: {Encoding.ASCII.GetString(text)}");
            if (text.EndsWith("\r\n0\r\n\r\n"u8)) return; // the last of its chunks
        }
    }
}
