using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>What waits on a stream that is polled, and what becomes of it.</summary>
sealed partial class PollDelivery(Database database, SsfDeliveryStore deliveries, RevocationStore feed, SetWriter writer, ILogger<PollDelivery> log)
{
    // The rows between the oldest and the newest of the acknowledged ones that are looked at; what is beyond is delivered again.
    const int Span = 2000;

    /// <summary>
    /// Takes what the receiver has acknowledged. What it reports as an error is done with as well (RFC 8936 leaves it open): a
    /// receiver that wants an event again leaves it alone.
    /// </summary>
    public async Task Take(SsfStream stream, PollRequest request, CancellationToken cancel)
    {
        foreach (var (jti, error) in request.Errors) Refused(log, stream.Id, Shown(jti), Shown(error));
        var named = request.Ack.Concat(request.Errors.Select(error => error.Jti)).ToHashSet(StringComparer.Ordinal);
        if (named.Count == 0) return;
        var entries = await Entries(stream, named, cancel);
        var verifications = named.Where(jti => Guid.TryParseExact(jti, "D", out _)).ToList();
        if (entries.Count + verifications.Count > 0) await database.Write(tx => SsfDeliveryStore.Acknowledge(tx, stream.Id, entries, verifications));
    }

    /// <summary>The tokens that wait, at most so many.</summary>
    public async Task<PolledSets> Read(SsfStream stream, int most, CancellationToken cancel)
    {
        var sets = new PolledSets([], false);
        if (stream.Status != SsfStatus.Enabled || await writer.Open(stream, cancel) is not { } to) return sets;
        var asked = await deliveries.Verifications(stream.Id, most + 1, cancel);
        var entries = stream.Settings.Wants ? await deliveries.Entries(stream, most + 1, cancel) : [];
        // Signed one by one as they are taken: what is beyond the limit costs nothing.
        var waiting = asked.Select(one => SetWriter.Write(to, one)).Concat(entries.Select(entry => SetWriter.Write(to, stream, entry)));
        foreach (var set in waiting.Take(most)) sets.Sets.Add(set.Jti, set.Token);
        return sets with { MoreAvailable = asked.Count + entries.Count > sets.Sets.Count };
    }

    // A jti counts for the entry that it was made from, not for whatever stands in its place now.
    async Task<List<long>> Entries(SsfStream stream, HashSet<string> named, CancellationToken cancel)
    {
        var places = named.Select(jti => SetId.TryReadSeq(jti, out var seq) ? seq : 0).Where(seq => seq > stream.Seq).ToHashSet();
        if (places.Count == 0) return [];
        var rows = await feed.After(stream.PoolId, places.Min() - 1, Span, cancel);
        return [.. rows.Where(row => places.Contains(row.Seq) && named.Contains(SetId.Of(stream, row.Seq, row.Kind, row.Value))).Select(row => row.Seq)];
    }

    // What somebody else wrote does not choose what a log line looks like.
    static string Shown(string text) => new([.. text.Take(80).Select(character => character is > ' ' and <= '~' ? character : '?')]);

    [LoggerMessage(6010, LogLevel.Warning, "The receiver of stream {Stream} could not take {Jti}: {Error}")]
    static partial void Refused(ILogger log, string stream, string jti, string error);
}
