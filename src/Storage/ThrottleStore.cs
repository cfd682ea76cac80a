using Poolhouse.Core;
using Poolhouse.Core.Keys;

namespace Poolhouse.Storage;

/// <summary>
/// Durable throttles, shared by all nodes. Two shapes: a quota (so many of something within a window) and a lock
/// (after five failures one second, doubled with every further failure up to fifteen minutes, as Cognito describes its own).
/// </summary>
public sealed class ThrottleStore(Database database, MasterKey master)
{
    const int FreeFailures = 5;
    static readonly TimeSpan LongestLock = TimeSpan.FromMinutes(15);

    /// <summary>Whether a subject is locked now.</summary>
    public async Task<bool> IsLocked(string subject, CancellationToken cancel) => await database.One(
        "select locked_until from throttles where subject = @subject", row => row.GetInt64(0), cancel, ("subject", Hash(subject))) > database.Now;

    /// <summary>How much of a quota, or how many failures, are counted now.</summary>
    public Task<long> Used(string subject, CancellationToken cancel) => database.One(
        "select count from throttles where subject = @subject and ends_at > @now",
        row => row.GetInt64(0), cancel, ("subject", Hash(subject)), ("now", database.Now));

    /// <summary>Counts a failure and sets the lock. Tries during a lock are not counted: the caller asks <see cref="IsLocked"/> first.</summary>
    public async Task Fail(Tx tx, string subject)
    {
        var failures = await tx.One(
            """
            insert into throttles (subject, count, locked_until, ends_at) values (@subject, 1, 0, @endsAt)
            on conflict (subject) do update set count = case when throttles.ends_at > @now then throttles.count + 1 else 1 end, ends_at = @endsAt
            returning count
            """,
            row => row.GetInt64(0), ("subject", Hash(subject)), ("now", tx.Now), ("endsAt", tx.Now + 2 * LongestLock.Ms()));
        if (failures < FreeFailures) return;
        var lockMs = Math.Min(1000L << (int)Math.Min(failures - FreeFailures, 20), LongestLock.Ms());
        // The counter lapses after fifteen quiet minutes past the lock.
        await tx.Execute(
            "update throttles set locked_until = @until, ends_at = @endsAt where subject = @subject",
            ("subject", Hash(subject)), ("until", tx.Now + lockMs), ("endsAt", tx.Now + lockMs + LongestLock.Ms()));
    }

    /// <summary>Forgets the failures of a subject, after a success.</summary>
    public Task Clear(Tx tx, string subject) => tx.Execute("delete from throttles where subject = @subject", ("subject", Hash(subject)));

    /// <summary>Takes one of a quota; false if it is used up. The window begins with the first.</summary>
    public async Task<bool> Take(Tx tx, string subject, int quota, TimeSpan window) => await tx.One(
        """
        insert into throttles (subject, count, locked_until, ends_at) values (@subject, 1, 0, @endsAt)
        on conflict (subject) do update set
            count = case when throttles.ends_at > @now then throttles.count + 1 else 1 end,
            ends_at = case when throttles.ends_at > @now then throttles.ends_at else @endsAt end
        returning count
        """,
        row => row.GetInt64(0), ("subject", Hash(subject)), ("now", tx.Now), ("endsAt", tx.Now + window.Ms())) <= quota;

    byte[] Hash(string subject) => master.Hash("throttle", subject);
}
