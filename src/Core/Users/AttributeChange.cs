using Poolhouse.Core.Pools;

namespace Poolhouse.Core.Users;

/// <summary>A change of the attributes of a user who exists; whoever changes them does it here.</summary>
/// <param name="After">The attributes after it. An address or number that must be proven first is not among them yet.</param>
/// <param name="Unproven">The addresses and numbers that a code goes to.</param>
public sealed record AttributeChange(Dictionary<string, string> After, IReadOnlyList<Destination> Unproven)
{
    static readonly string[] Channels = ["email", "phone_number"];

    /// <summary>
    /// What comes of a change. Where the pool verifies before it updates, a new address or number is held back until its
    /// owner has proven it: the old one stays, as a sign-in name too. Elsewhere it is written at once, unproven.
    /// </summary>
    public static AttributeChange Of(UserPool pool, User user, IReadOnlyDictionary<string, string> changes)
    {
        // Who is not confirmed yet has proven nothing that could stay, and proves the new address with the code of the sign-up.
        if (user.Status == UserStatus.Unconfirmed) return new(Apply(pool, user, changes), []);
        AttributeRules.CheckSchema(pool, changes, user);
        var held = Channels.Where(channel => MustWait(pool, user, changes, channel)).ToList();
        var after = Apply(pool, user, changes.Where(change => !held.Exists(channel => change.Key == channel || change.Key == channel + "_verified")).ToDictionary());
        // Who says in the same breath what is proven and what is not needs no code for it.
        var moved = Moved(user, after).Where(channel =>
            after.ContainsKey(channel) && pool.AutoVerifiedAttributes.Contains(channel) && !changes.ContainsKey(channel + "_verified"));
        return new(after, [.. held.Concat(moved).Select(channel => new Destination(channel, changes[channel]))]);
    }

    /// <summary>
    /// The attributes after a change that waits for nothing. An empty value deletes. A changed address or number is unproven
    /// unless the change says otherwise in the same breath: what was proven is the old one.
    /// </summary>
    public static Dictionary<string, string> Apply(UserPool pool, User user, IReadOnlyDictionary<string, string> changes)
    {
        AttributeRules.CheckSchema(pool, changes, user);
        var after = new Dictionary<string, string>(user.Attributes, StringComparer.Ordinal);
        foreach (var (name, value) in changes)
            if (value.Length == 0) after.Remove(name);
            else after[name] = AttributeRules.Stored(pool, name, value);
        foreach (var channel in Channels)
        {
            var flag = channel + "_verified";
            if (!after.ContainsKey(channel) && !changes.ContainsKey(flag)) after.Remove(flag);
            else if (after.GetValueOrDefault(channel) != user.Attribute(channel) && !changes.ContainsKey(flag)) after[flag] = "false";
        }
        AttributeRules.CheckVerified(after);
        return after;
    }

    /// <summary>The addresses and numbers that are no longer what they were: codes that went to the old ones prove nothing of the new.</summary>
    public static IEnumerable<string> Moved(User before, IReadOnlyDictionary<string, string> after) =>
        Channels.Where(channel => after.GetValueOrDefault(channel) != before.Attribute(channel));

    /// <summary>Whether a change gives the user an address or number that must be proven before it counts.</summary>
    public static bool MustWait(UserPool pool, User user, IReadOnlyDictionary<string, string> changes, string channel) =>
        pool.VerifiesBeforeUpdate(channel) && changes.GetValueOrDefault(channel) is { Length: > 0 } value && value != user.Attribute(channel)
        && (!changes.TryGetValue(channel + "_verified", out var proven) || !bool.TryParse(proven, out var isProven) || !isProven);
}
