using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;

namespace Poolhouse.Server.Outbound.Triggers;

/// <summary>Whom a trigger is about.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="ClientId">The app client, or null where an administrator acts without one.</param>
/// <param name="Username">The user's own name; as it was typed where there is no user.</param>
/// <param name="UserAttributes">All attributes as texts, whatever the client may read.</param>
public sealed record TriggerSubject(UserPool Pool, string? ClientId, string Username, IReadOnlyDictionary<string, string> UserAttributes)
{
    static readonly Dictionary<string, string> None = [];

    /// <summary>A user as stored, with what functions see beside the attributes: the sub, the status and, in a pool of aliases, those.</summary>
    public static TriggerSubject Of(UserPool pool, string? clientId, User user)
    {
        var attributes = new Dictionary<string, string>(StringComparer.Ordinal) { ["sub"] = user.Sub };
        foreach (var name in pool.AliasAttributes.Where(name => name != "preferred_username" && user.Verified(name)))
            attributes[$"cognito:{name}_alias"] = user.Attribute(name)!;
        attributes["cognito:user_status"] = user.Status;
        foreach (var (name, value) in user.Attributes) attributes[name] = value;
        return new(pool, clientId, user.Username, attributes);
    }

    /// <summary>A user who is about to be made: without a sub and a status.</summary>
    public static TriggerSubject OfNew(UserPool pool, string? clientId, User user) => new(pool, clientId, user.Username, user.Attributes);

    /// <summary>A name under which there is no user.</summary>
    public static TriggerSubject Nobody(UserPool pool, string? clientId, string typed) => new(pool, clientId, typed, None);

    /// <summary>A machine that asks for a token of its own.</summary>
    public static TriggerSubject Machine(UserPool pool, string clientId) => new(pool, clientId, "ClientCredentials", None);
}
