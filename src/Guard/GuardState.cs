using System.Buffers;
using System.Security.Cryptography;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Guard;

/// <summary>
/// What a guard keeps on disk, so that an API can start while the issuer is away: the key set, and the revocations with the time of their
/// proof by this machine's clock. Each file ends with the SHA-256 of what stands before it: one bit that a disk has lost would be a session
/// that comes back to life.
/// </summary>
sealed class GuardState(string? directory, GuardLog log)
{
    const string KeysFile = "keys.bin";
    const string RevocationsFile = "revocations.bin";

    public bool IsKept => directory is not null;

    public void KeepKeys(byte[] json) => Guarded(() => Replace(KeysFile, json));

    public byte[]? ReadKeys() => Read(KeysFile);

    /// <summary>Keeps revocations that were whole at a time.</summary>
    public void KeepRevocations(FeedPosition position, long provenAt, IEnumerable<Revocation> entries) => Guarded(() =>
    {
        var body = new ArrayBufferWriter<byte>();
        RevocationSnapshot.WriteHeader(body, position, provenAt);
        long count = 0;
        foreach (var entry in entries)
        {
            RevocationSnapshot.WriteEntry(body, entry);
            count++;
        }
        RevocationSnapshot.WriteEnd(body, count);
        Replace(RevocationsFile, body.WrittenSpan);
    });

    /// <summary>Reads what an earlier process kept; null if there is nothing, or nothing whole.</summary>
    public async Task<(FeedPosition Position, long ProvenAt)?> ReadRevocations(Action<RevocationKind, Guid, string?, long> entry)
    {
        if (Read(RevocationsFile) is not { } bytes) return null;
        try
        {
            if (bytes.Length < RevocationSnapshot.HeaderLength) throw new InvalidDataException("The file is cut off.");
            var header = RevocationSnapshot.ReadHeader(bytes.AsSpan(0, RevocationSnapshot.HeaderLength));
            using var rest = new MemoryStream(bytes, RevocationSnapshot.HeaderLength, bytes.Length - RevocationSnapshot.HeaderLength);
            await RevocationSnapshot.ReadEntries(rest, entry, CancellationToken.None);
            return header;
        }
        catch (InvalidDataException e)
        {
            log.StateNotRead(e, directory!);
            return null;
        }
    }

    byte[]? Read(string file)
    {
        try
        {
            if (directory is null || !File.Exists(Path.Combine(directory, file))) return null;
            var bytes = File.ReadAllBytes(Path.Combine(directory, file));
            var length = bytes.Length - SHA256.HashSizeInBytes;
            return length >= 0 && SHA256.HashData(bytes.AsSpan(0, length)).AsSpan().SequenceEqual(bytes.AsSpan(length)) ? bytes[..length]
                : throw new InvalidDataException($"{file} is damaged.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            log.StateNotRead(e, directory!);
            return null;
        }
    }

    // A crash leaves the old file or the new one, never half of one.
    void Replace(string file, ReadOnlySpan<byte> bytes)
    {
        Directory.CreateDirectory(directory!);
        var next = Path.Combine(directory!, file + ".next");
        using (var stream = new FileStream(next, FileMode.Create, FileAccess.Write))
        {
            stream.Write(bytes);
            stream.Write(SHA256.HashData(bytes));
            stream.Flush(flushToDisk: true);
        }
        File.Move(next, Path.Combine(directory!, file), overwrite: true);
    }

    void Guarded(Action write)
    {
        if (directory is null) return;
        try
        {
            write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.StateNotKept(e, directory);
        }
    }
}
