using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.Outbound;

/// <summary>Whether anything takes messages away: the inbox of <c>poolhouse dev</c>, or nobody yet.</summary>
/// <param name="Open">Whether messages are taken.</param>
public sealed record PostboxOptions(bool Open);

/// <summary>Where messages to users are put: into the database, in the transaction that makes their code, so that neither is without the other.</summary>
public sealed class Postbox(MessageStore messages, PostboxOptions options)
{
    /// <summary>Refuses at once, before anything is changed, what could not be delivered.</summary>
    public void MustBeOpen()
    {
        if (!options.Open) throw new RefusedException(Refusal.CodeUndeliverable);
    }

    /// <summary>Posts a code.</summary>
    public Task PostCode(Tx tx, MessageKind kind, UserPool pool, User user, Destination to, string code) =>
        Post(tx, kind, pool, user, to, MessageText.OfCode(kind, pool, to.Medium), code);

    /// <summary>Posts an invitation with a temporary password.</summary>
    public Task PostInvitation(Tx tx, UserPool pool, User user, Destination to, string temporaryPassword) =>
        Post(tx, MessageKind.AdminCreateUser, pool, user, to, MessageText.OfInvitation(pool, to.Medium), temporaryPassword);

    Task Post(Tx tx, MessageKind kind, UserPool pool, User user, Destination to, MessageText text, string code)
    {
        // The name that the user signs in with, which in an e-mail pool is the address and not the generated id.
        var name = pool.UsernameAttributes.Count > 0 ? to.Address : user.Username;
        return messages.Insert(tx, new(tx.Now, kind.ToString(), pool.Id, user.Username, to.Address, text.Subject, text.Fill(name, code), code));
    }
}

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
}
