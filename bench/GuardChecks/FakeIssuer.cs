using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Poolhouse.Guard;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.GuardChecks;

/// Answers a guard in the place of the network: the keys, a snapshot of revocations, and a stream that has a heartbeat each second and
/// nothing else. Everything behind it is the guard's own: it reads the feed as it would any other.
sealed class FakeIssuer(byte[] keys, byte[] snapshot) : HttpMessageHandler
{
    const string Epoch = "00000000000000000000000000000001";

    /// A guard that has the keys and the snapshot.
    public static async Task<CognitoGuard> Guard(Issued issued, byte[] snapshot)
    {
        var guard = new CognitoGuard(new()
        {
            Issuer = issued.Issuer,
            ClientIds = [issued.ClientId],
            Backchannel = new FakeIssuer(issued.Keys, snapshot),
            StartupPatience = TimeSpan.FromSeconds(60),
        });
        await guard.StartAsync();
        if (guard.Status is not { HasKeys: true, Revocations: RevocationState.Fresh }) throw new InvalidOperationException($"the guard stands at {guard.Status}");
        return guard;
    }

    /// A snapshot of so many sessions, with random ids as real ones have.
    public static byte[] Snapshot(int revoked)
    {
        var now = TimeProvider.System.GetUtcNow();
        var body = new ArrayBufferWriter<byte>(21 * revoked + 100);
        RevocationSnapshot.WriteHeader(body, new(Epoch, revoked), now.ToUnixTimeMilliseconds());
        for (var i = 0; i < revoked; i++)
            RevocationSnapshot.WriteEntry(body, new(0, RevocationKind.Session, Session().ToString("D"), now.ToUnixTimeSeconds() + 3600));
        RevocationSnapshot.WriteEnd(body, revoked);
        return body.WrittenSpan.ToArray();
    }

    public static Guid Session()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        return new(bytes);
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpContent? content = request.RequestUri!.AbsolutePath.Split('/')[^1] switch
        {
            "jwks.json" => new ByteArrayContent(keys),
            "snapshot" => new ByteArrayContent(snapshot),
            "stream" => new StreamContent(Heartbeats(cancellationToken)),
            _ => null,
        };
        return Task.FromResult(new HttpResponseMessage(content is null ? HttpStatusCode.NotFound : HttpStatusCode.OK) { Content = content });
    }

    Stream Heartbeats(CancellationToken cancel)
    {
        var pipe = new Pipe();
        var position = RevocationSnapshot.ReadHeader(snapshot.AsSpan(0, RevocationSnapshot.HeaderLength)).Head;
        _ = Beat();
        return pipe.Reader.AsStream();

        async Task Beat()
        {
            for (var taken = new FlushResult(); !taken.IsCompleted; await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None))
            {
                var time = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
                taken = await pipe.Writer.WriteAsync(
                    Encoding.UTF8.GetBytes($"id: {position}\nevent: heartbeat\ndata: {{\"head\":\"{position}\",\"time\":{time}}}\n\n"), CancellationToken.None);
            }
        }
    }
}
