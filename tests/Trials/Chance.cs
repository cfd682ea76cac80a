namespace Poolhouse.Trials;

/// <summary>Numbers out of a seed (SplitMix64), so that a run can be made again.</summary>
sealed class Chance(ulong seed)
{
    ulong state = seed;

    public ulong Next()
    {
        var mixed = state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>From 0 to below.</summary>
    public int Below(int bound) => (int)((UInt128)Next() * (ulong)bound >> 64);

    /// <summary>A whole number, both ends included.</summary>
    public int Between(int low, int high) => low + Below(high - low + 1);

    public bool Of(double share) => Next() < share * ulong.MaxValue;

    public T One<T>(IReadOnlyList<T> list) => list[Below(list.Count)];

    public byte[] Bytes(int count) => [.. Enumerable.Range(0, count).Select(_ => (byte)Next())];
}
