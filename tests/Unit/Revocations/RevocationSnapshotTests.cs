using System.Buffers;
using System.Text;
using CsCheck;
using Poolhouse.Tokens.Revocations;
using Xunit;

namespace Poolhouse.Unit.Tests.Revocations;

public class RevocationSnapshotTests
{
    static readonly Gen<Revocation> AnyEntry = Gen.Select(Gen.Int[1, 3], Gen.Guid, Gen.Char["abcXYZ_-0é漢"].Array[0, 80], Gen.UInt).Select((kind, id, name, keepUntil) =>
        new Revocation(0, (RevocationKind)kind, kind == 1 ? id.ToString() : new(name), keepUntil));

    [Fact]
    public async Task Any_entries_come_back_however_the_stream_is_cut_into_pieces() =>
        await Gen.Select(AnyEntry.Array[0, 60], Gen.Int[1, 50].Array[1, 20]).SampleAsync(async (entries, pieces) =>
            Assert.Equal(entries, await Read(Write(entries), pieces)), iter: 300);

    [Fact]
    public async Task More_entries_than_the_buffer_holds_come_back()
    {
        var entries = Enumerable.Range(0, 20_000).Select(n => new Revocation(0, n % 7 == 0 ? RevocationKind.Client : RevocationKind.Session,
            n % 7 == 0 ? new string('c', n % 256) : new Guid(n, 0, 0, new byte[8]).ToString(), n)).ToArray();
        Assert.Equal(entries, await Read(Write(entries), [64 * 1024]));
        Assert.Equal(entries, await Read(Write(entries), [1, 65_535, 7]));
    }

    [Fact]
    public async Task One_that_is_cut_off_anywhere_is_never_taken_for_a_whole_one()
    {
        var whole = Write(Some());
        for (var length = 0; length < whole.Length; length++)
            await Assert.ThrowsAsync<InvalidDataException>(() => Read(whole[..length], [5]));
        Assert.Equal(3, (await Read(whole, [5])).Count);
    }

    [Theory]
    [InlineData(4)]
    [InlineData(0x7f)]
    [InlineData(255)]
    public async Task An_unknown_kind_is_damage(byte kind)
    {
        var damaged = Write(Some());
        damaged[21] = kind;     // of the second entry
        await Assert.ThrowsAsync<InvalidDataException>(() => Read(damaged, [100]));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public async Task Another_count_than_there_are_entries_is_damage(long count) =>
        await Assert.ThrowsAsync<InvalidDataException>(() => Read(Write(Some(), count), [100]));

    [Fact]
    public void The_form_is_the_one_that_is_written_down()
    {
        var to = new ArrayBufferWriter<byte>();
        RevocationSnapshot.WriteHeader(to, new("000102030405060708090a0b0c0d0e0f", 258), 1);
        foreach (var entry in Some()) RevocationSnapshot.WriteEntry(to, entry);
        RevocationSnapshot.WriteEnd(to, 3);
        Assert.Equal(
            "5048525301" + "000102030405060708090a0b0c0d0e0f" + "0000000000000102" + "0000000000000001"
            + "01" + "00112233445546778899aabbccddeeff" + "00000001" + "0202" + Hex("c1") + "00000002" + "0307" + Hex("us_pool") + "ffffffff"
            + "00" + "0000000000000003", Convert.ToHexStringLower(to.WrittenSpan));
    }

    [Fact]
    public void A_header_says_again_where_the_feed_stood_and_when()
    {
        var to = new ArrayBufferWriter<byte>();
        var head = new FeedPosition("00ff02030405060708090a0b0c0d0e0f", long.MaxValue);
        RevocationSnapshot.WriteHeader(to, head, 1_795_435_200_123);
        Assert.Equal((head, 1_795_435_200_123), RevocationSnapshot.ReadHeader(to.WrittenSpan));

        var bytes = to.WrittenSpan.ToArray();
        Assert.Throws<InvalidDataException>(() => RevocationSnapshot.ReadHeader(bytes.AsSpan(1)));
        for (var at = 0; at < 5; at++)
        {
            var other = (byte[])bytes.Clone();
            other[at]++;
            Assert.Throws<InvalidDataException>(() => RevocationSnapshot.ReadHeader(other));
        }
    }

    static Revocation[] Some() =>
    [
        new(0, RevocationKind.Session, "00112233-4455-4677-8899-aabbccddeeff", 1), new(0, RevocationKind.Client, "c1", 2), new(0, RevocationKind.Pool, "us_pool", uint.MaxValue),
    ];

    static byte[] Write(Revocation[] entries, long? count = null)
    {
        var to = new ArrayBufferWriter<byte>();
        foreach (var entry in entries) RevocationSnapshot.WriteEntry(to, entry);
        RevocationSnapshot.WriteEnd(to, count ?? entries.Length);
        return to.WrittenSpan.ToArray();
    }

    static async Task<List<Revocation>> Read(byte[] bytes, int[] pieces)
    {
        var entries = new List<Revocation>();
        await RevocationSnapshot.ReadEntries(new Trickle(bytes, pieces),
            (kind, id, value, keepUntil) => entries.Add(new(0, kind, value ?? id.ToString(), keepUntil)), default);
        return entries;
    }

    static string Hex(string text) => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text));

    /// <summary>A network that hands over pieces of any size.</summary>
    sealed class Trickle(byte[] bytes, int[] pieces) : MemoryStream(bytes)
    {
        int turn;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, pieces[turn++ % pieces.Length])], cancellationToken);
    }
}
