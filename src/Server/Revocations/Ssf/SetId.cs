using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Poolhouse.Storage;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>
/// The jti of an event: its place in the feed and a hash of what stands there for whom. So an event has one jti however often it is
/// delivered, after a restart too; and if a restored database gives a place to another revocation, that one has a jti of its own,
/// and an acknowledgement that was meant for the lost one does not fit.
/// </summary>
static class SetId
{
    const int HashLength = 16;

    public static string Of(SsfStream stream, long seq, RevocationKind kind, string value) =>
        string.Create(CultureInfo.InvariantCulture, $"{seq}.{Hash($"{stream.Id}/{stream.PoolId}/{seq}/{(int)kind}/{value}")}");

    /// <summary>Names the revocation itself, alike on every stream.</summary>
    public static string Transaction(string poolId, long seq, RevocationKind kind, string value) =>
        Hash(string.Create(CultureInfo.InvariantCulture, $"{poolId}/{seq}/{(int)kind}/{value}"));

    /// <summary>The place that an acknowledged jti claims; whether it fits is for <see cref="Of"/> to say.</summary>
    public static bool TryReadSeq(string jti, out long seq)
    {
        var dot = jti.IndexOf('.', StringComparison.Ordinal);
        seq = 0;
        return dot > 0 && long.TryParse(jti.AsSpan(0, dot), NumberStyles.None, CultureInfo.InvariantCulture, out seq);
    }

    static string Hash(string text) => Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, HashLength));
}
