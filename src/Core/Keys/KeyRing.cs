namespace Poolhouse.Core.Keys;

/// <summary>The two keys of a pool that sign during the same time.</summary>
/// <param name="Id">Signs ID tokens.</param>
/// <param name="Access">Signs access tokens.</param>
/// <param name="SignsFrom">When they begin to sign and those before them end, unix ms.</param>
/// <param name="CreatedAt">When they were made, unix ms.</param>
public sealed record PoolKeys(SigningKey Id, SigningKey Access, long SignsFrom, long CreatedAt);

/// <summary>
/// All keys of a pool. Every node holds the same ones and reads the same clock, so that all of them change from one pair to the
/// next at the same moment and without a word.
/// </summary>
public sealed class KeyRing
{
    /// <summary>
    /// How long a pair verifies after it signed for the last time: the longest life of a token, and five minutes for a token that was
    /// being made at that moment, on a node whose clock is a little behind.
    /// </summary>
    public static readonly TimeSpan KeptFor = TimeSpan.FromDays(1) + TimeSpan.FromMinutes(5);

    readonly PoolKeys[] pairs;

    /// <summary>Takes at least one pair, in any order.</summary>
    public KeyRing(IEnumerable<PoolKeys> pairs) => this.pairs = [.. pairs.OrderBy(pair => pair.SignsFrom)];

    /// <summary>The pair that signs.</summary>
    public PoolKeys At(long now) => Array.FindLast(pairs, pair => pair.SignsFrom <= now) ?? pairs[0];

    /// <summary>The pairs that verifiers must know, the oldest first: also those that do not sign yet, so that they are known before the first token comes.</summary>
    public IEnumerable<PoolKeys> Published(long now) => pairs.Where((_, at) => EndOf(at) is not { } end || end > now);

    /// <summary>The published key that a token's <c>kid</c> names, or null.</summary>
    public SigningKey? Find(string kid, long now)
    {
        foreach (var pair in Published(now))
            if (kid == pair.Access.Kid) return pair.Access;
            else if (kid == pair.Id.Kid) return pair.Id;
        return null;
    }

    /// <summary>When a pair is no longer published; null while no other follows it.</summary>
    public long? EndOf(PoolKeys pair) => EndOf(Array.IndexOf(pairs, pair));

    /// <summary>The key of this name, published or not: what was read once need not be read again.</summary>
    public SigningKey? Held(string kid) =>
        pairs.SelectMany(pair => (SigningKey[])[pair.Id, pair.Access]).FirstOrDefault(key => key.Kid == kid);

    long? EndOf(int at) => at + 1 < pairs.Length ? pairs[at + 1].SignsFrom + KeptFor.Ms() : null;
}
