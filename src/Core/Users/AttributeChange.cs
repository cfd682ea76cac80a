using Poolhouse.Core.Pools;

namespace Poolhouse.Core.Users;

/// <summary>Changing the attributes of a user who exists; whoever changes them does it here.</summary>
public static class AttributeChange
{
    static readonly string[] Channels = ["email", "phone_number"];

    /// <summary>
    /// The attributes after a change. An empty value deletes. A changed address or number is unproven unless the change
    /// says otherwise in the same breath: what was proven is the old one.
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
        Channels.Where(channel => before.Attribute(channel) is { } old && after.GetValueOrDefault(channel) != old);
}
