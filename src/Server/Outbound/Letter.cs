using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;

namespace Poolhouse.Server.Outbound;

/// <summary>What a message is about; named as the trigger sources name it.</summary>
public enum MessageKind
{
    /// <summary>The code that confirms a sign-up.</summary>
    SignUp,

    /// <summary>The same, sent again.</summary>
    ResendCode,

    /// <summary>The code that resets a password.</summary>
    ForgotPassword,

    /// <summary>An invitation with a temporary password.</summary>
    AdminCreateUser,

    /// <summary>The code of a sign-in.</summary>
    Authentication,

    /// <summary>The code that proves an address which was just changed.</summary>
    UpdateUserAttribute,

    /// <summary>The code that proves an address, sent when it is asked for.</summary>
    VerifyUserAttribute,
}

/// <summary>For whom a message is, before there is a code.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Pool">The pool.</param>
/// <param name="ClientId">The app client that caused it, or null for an administrator.</param>
/// <param name="User">The user.</param>
/// <param name="To">Where it goes.</param>
/// <param name="Metadata">The call's ClientMetadata, or null.</param>
public sealed record Addressee(
    MessageKind Kind, UserPool Pool, string? ClientId, User User, Destination To, IReadOnlyDictionary<string, string>? Metadata);

/// <summary>A message that lacks its code only: everything that others had to be asked for it has been asked.</summary>
/// <param name="For">For whom it is.</param>
/// <param name="Text">Its text, or null where a function of the pool sends it in words of its own.</param>
public sealed record Letter(Addressee For, MessageText? Text);
