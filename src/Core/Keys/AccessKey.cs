namespace Poolhouse.Core.Keys;

/// <summary>An access key: who signs calls of the JSON API, and what they may do.</summary>
public sealed record AccessKey(string Id, Secret Secret, AccessPolicy Policy, long CreatedAt)
{
    /// <summary>Makes a new random key in the form of AWS's.</summary>
    public static AccessKey Create(AccessPolicy policy, long now) => new(Ids.AccessKeyId(), new(Ids.AccessKeySecret()), policy, now);
}

/// <summary>The actions and pools that an access key may touch; what is not listed is denied.</summary>
/// <param name="Actions">Operation names; a trailing * stands for any ending.</param>
/// <param name="Pools">Pool ids; * stands for all, and for what concerns no single pool.</param>
public sealed record AccessPolicy(IReadOnlyList<string> Actions, IReadOnlyList<string> Pools)
{
    /// <summary>Everything, for seed files and for keys created with no limit.</summary>
    public static readonly AccessPolicy Everything = new(["*"], ["*"]);

    /// <summary>Whether an action on a pool is allowed; an action that names no pool needs all of them.</summary>
    public bool Allows(string action, string? poolId) =>
        Actions.Any(listed => listed.EndsWith('*') ? action.StartsWith(listed[..^1], StringComparison.Ordinal) : listed == action)
        && Pools.Any(listed => listed == "*" || listed == poolId);
}
