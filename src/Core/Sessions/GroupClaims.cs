using Poolhouse.Core.Users;

namespace Poolhouse.Core.Sessions;

/// <summary>What tokens say of a user's groups: <c>cognito:groups</c> in both, <c>cognito:roles</c> and <c>cognito:preferred_role</c> in the ID token.</summary>
/// <param name="Groups">Names of groups.</param>
/// <param name="Roles">Role ARNs.</param>
/// <param name="PreferredRole">The one that is preferred, or null.</param>
public sealed record GroupClaims(IReadOnlyList<string> Groups, IReadOnlyList<string> Roles, string? PreferredRole)
{
    static readonly GroupClaims None = new([], [], null);

    /// <summary>
    /// Of the groups that a user is in. The preferred role is that of the group with the lowest precedence, unless several such groups
    /// carry different roles.
    /// </summary>
    public static GroupClaims Of(IReadOnlyList<Membership> groups)
    {
        if (groups.Count == 0) return None;
        string[] roles = [.. groups.Select(group => group.RoleArn).OfType<string>().Distinct(StringComparer.Ordinal)];
        var lowest = groups.Min(group => group.Precedence);
        var best = lowest is null ? [] : groups.Where(group => group.Precedence == lowest).Select(group => group.RoleArn).OfType<string>().Distinct(StringComparer.Ordinal).ToList();
        return new([.. groups.Select(group => group.Name)], roles, best is [var preferred] ? preferred : null);
    }
}
