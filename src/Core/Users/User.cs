namespace Poolhouse.Core.Users;

/// <summary>The states of a user, named as on Cognito's wire.</summary>
public static class UserStatus
{
    /// <summary>Signed up, not confirmed.</summary>
    public const string Unconfirmed = "UNCONFIRMED";

    /// <summary>May sign in.</summary>
    public const string Confirmed = "CONFIRMED";

    /// <summary>Must choose a new password by a reset code.</summary>
    public const string ResetRequired = "RESET_REQUIRED";

    /// <summary>Made by an administrator with a temporary password.</summary>
    public const string ForceChangePassword = "FORCE_CHANGE_PASSWORD";

    /// <summary>Signs in at another provider only.</summary>
    public const string ExternalProvider = "EXTERNAL_PROVIDER";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Unconfirmed, Confirmed, ResetRequired, ForceChangePassword, ExternalProvider];
}

/// <summary>What proves a password: the Argon2id hash, and the sealed SRP verifier unless the pool stores none.</summary>
/// <param name="Hash">Argon2id in PHC form.</param>
/// <param name="SrpSalt">The SRP salt, or null.</param>
/// <param name="SrpVerifier">The SRP verifier, sealed under pool and sub; or null.</param>
public sealed record Credentials(string Hash, byte[]? SrpSalt, byte[]? SrpVerifier);

/// <summary>A user of a pool.</summary>
/// <param name="PoolId">The pool.</param>
/// <param name="Sub">The immutable id, a UUID.</param>
/// <param name="Username">The immutable user name; equal to the sub in pools that sign in by e-mail or phone.</param>
/// <param name="Status">One of <see cref="UserStatus"/>.</param>
/// <param name="Enabled">False after AdminDisableUser.</param>
/// <param name="Attributes">Attribute values by wire name, without <c>sub</c>; booleans are "true" and "false".</param>
/// <param name="Credentials">What proves the password, or null if there is none.</param>
/// <param name="PasswordEndsAt">The end of a temporary password, unix ms; or null.</param>
/// <param name="CreatedAt">Unix ms.</param>
/// <param name="ModifiedAt">Unix ms.</param>
public sealed record User(
    string PoolId, string Sub, string Username, string Status, bool Enabled, IReadOnlyDictionary<string, string> Attributes,
    Credentials? Credentials, long? PasswordEndsAt, long CreatedAt, long ModifiedAt)
{
    /// <summary>False where it was read along that no group has this user, so that their groups need no read of their own.</summary>
    public bool MayHaveGroups { get; init; } = true;

    /// <summary>One attribute's value, or null.</summary>
    public string? Attribute(string name) => name == "sub" ? Sub : Attributes.GetValueOrDefault(name);

    /// <summary>Whether the e-mail address or phone number is proven.</summary>
    public bool Verified(string name) => Attributes.GetValueOrDefault(name + "_verified") == "true" && Attributes.ContainsKey(name);
}

/// <summary>A group as tokens see it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="RoleArn">Its role, or null.</param>
/// <param name="Precedence">Lower wins; or null.</param>
public sealed record Membership(string Name, string? RoleArn, long? Precedence);
