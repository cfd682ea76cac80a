using Poolhouse.Core.Clients;
using Poolhouse.Core.Users;

namespace Poolhouse.Core.Sessions;

/// <summary>Which attributes a session shows, in ID tokens and at userInfo: those that its client may read, filtered by scope if it was born at the hosted pages.</summary>
public static class ReadableAttributes
{
    static readonly string[] Email = ["email", "email_verified"];
    static readonly string[] Phone = ["phone_number", "phone_number_verified"];

    /// <summary>The attributes, without <c>sub</c>. Booleans are "true" and "false" here.</summary>
    public static IEnumerable<KeyValuePair<string, string>> Of(User user, AppClient client, Session session) =>
        user.Attributes.Where(attribute => client.CanRead(attribute.Key) && InScope(attribute.Key, session));

    /// <summary>The attribute that a granted scope promises and the client may not read, or null. Cognito fails the exchange then.</summary>
    public static string? Unreadable(AppClient client, Session session) =>
        session.Birth == Birth.Api ? null
        : (session.Has("email") ? Email : []).Concat(session.Has("phone") ? Phone : []).FirstOrDefault(name => !client.CanRead(name));

    // openid alone shows everything; beside other OpenID scopes it shows what those name.
    static bool InScope(string name, Session session)
    {
        if (session.Birth == Birth.Api || session.Has("profile")) return true;
        var (email, phone) = (session.Has("email"), session.Has("phone"));
        if (!email && !phone) return session.Has("openid");
        return (email && Email.Contains(name)) || (phone && Phone.Contains(name));
    }
}
