using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Poolhouse.Server.Outbound;

/// <summary>What somebody else's server answered.</summary>
/// <param name="Status">The HTTP status; a redirect is an answer and is never followed.</param>
/// <param name="Body">The beginning of the body, of as many bytes as the caller reads.</param>
/// <param name="Headers">The header fields.</param>
public sealed record EgressReply(int Status, byte[] Body, HttpResponseHeaders Headers);

/// <summary>A call that got no answer; the message says why and holds no secret.</summary>
public sealed class EgressException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether the call was not made at all, because the address may not be called: another try would end the same way.</summary>
    public bool Forbidden { get; init; }
}

/// <summary>
/// Calls URLs that others have named. The address is checked when the connection is made, so that a name that pointed elsewhere a
/// moment ago (DNS rebinding) gets no further; no redirect is followed, no proxy asked, and nobody is waited for longer than 5 s.
/// </summary>
public sealed class Egress : IDisposable
{
    /// <summary>How long a call may take, from the look-up of the name to the last byte.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    readonly EgressRules rules;
    readonly int mostBody;
    readonly HttpClient http;

    public Egress(EgressRules rules)
        : this(rules, 16 * 1024)
    {
    }

    /// <summary>For callers who read longer answers.</summary>
    /// <param name="rules">What may be called.</param>
    /// <param name="mostBody">How many bytes of an answer are read.</param>
    public Egress(EgressRules rules, int mostBody)
    {
        (this.rules, this.mostBody) = (rules, mostBody);
        http = new(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            Credentials = null,
            AutomaticDecompression = DecompressionMethods.None,
            ActivityHeadersPropagator = null,
            MaxResponseHeadersLength = 16,
            // An address that was good is looked up again after a while.
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            ConnectCallback = Connect,
        })
        { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Posts a body.</summary>
    /// <param name="to">A URL that <see cref="EgressRules.TryRead"/> has let pass.</param>
    /// <param name="body">The body.</param>
    /// <param name="contentType">Its media type.</param>
    /// <param name="authorization">The Authorization header that the receiver asked for, or null.</param>
    /// <param name="cancel">Ends the call early.</param>
    /// <exception cref="EgressException">No answer came.</exception>
    public Task<EgressReply> Post(Uri to, string body, string contentType, string? authorization, CancellationToken cancel) =>
        Post(to, new StringContent(body, new MediaTypeHeaderValue(contentType)), authorization is null ? null : ("Authorization", authorization), cancel);

    /// <summary>Posts a body with one header field of the caller's.</summary>
    /// <param name="to">A URL that <see cref="EgressRules.TryRead"/> has let pass.</param>
    /// <param name="body">The body, with its media type.</param>
    /// <param name="header">A header field, or null.</param>
    /// <param name="cancel">Ends the call early.</param>
    /// <exception cref="EgressException">No answer came.</exception>
    public async Task<EgressReply> Post(Uri to, HttpContent body, (string Name, string Value)? header, CancellationToken cancel)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, to) { Content = body };
        request.Headers.Accept.Add(new("application/json"));
        if (header is var (name, value)) request.Headers.TryAddWithoutValidation(name, value);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            using var reply = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            return new((int)reply.StatusCode, await Read(reply.Content, patience.Token), reply.Headers);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new EgressException($"no answer within {Patience.TotalSeconds:0} s");
        }
        catch (HttpRequestException failed)
        {
            throw failed.InnerException as EgressException ?? new EgressException($"no connection ({failed.HttpRequestError})", failed);
        }
        catch (IOException failed)
        {
            throw new EgressException("the connection broke off", failed);
        }
    }

    public void Dispose() => http.Dispose();

    async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        var (host, port) = (context.DnsEndPoint.Host, context.DnsEndPoint.Port);
        var plain = context.InitialRequestMessage.RequestUri!.Scheme == "http";
        var addresses = (await Dns.GetHostAddressesAsync(host, cancel)).Where(address => rules.Allows(address, plain)).ToArray();
        if (addresses.Length == 0) throw new EgressException("the address is not one that may be called (Outbound:AllowPrivate)") { Forbidden = true };
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    // What is longer is not an answer that anybody here reads.
    async Task<byte[]> Read(HttpContent content, CancellationToken cancel)
    {
        await using var from = await content.ReadAsStreamAsync(cancel);
        using var body = new MemoryStream();
        var buffer = new byte[Math.Min(mostBody, 16 * 1024)];
        while (body.Length < mostBody)
        {
            var read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, mostBody - body.Length)), cancel);
            if (read == 0) break;
            body.Write(buffer, 0, read);
        }
        return body.ToArray();
    }
}
