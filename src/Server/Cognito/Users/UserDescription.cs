using Poolhouse.Core.Users;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>A user on the wire, as AdminCreateUser and the lists show it.</summary>
public sealed record UserDescription(
    string Username, IReadOnlyList<AttributeType> Attributes, double UserCreateDate, double UserLastModifiedDate, bool Enabled, string UserStatus)
{
    public static UserDescription Of(User user) => Of(user, AttributeType.Of(user));

    /// <summary>The same with some of the attributes only.</summary>
    public static UserDescription Of(User user, IReadOnlyList<AttributeType> attributes) => new(
        user.Username, attributes, WireTime.Seconds(user.CreatedAt), WireTime.Seconds(user.ModifiedAt), user.Enabled, user.Status);
}
