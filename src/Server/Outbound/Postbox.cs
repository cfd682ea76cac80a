using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Storage;

namespace Poolhouse.Server.Outbound;

/// <summary>Whether anything takes messages away: the inbox of <c>poolhouse dev</c>, or nobody yet.</summary>
/// <param name="Open">Whether messages are taken.</param>
public sealed record PostboxOptions(bool Open);

/// <summary>
/// Messages to users, in three steps: a letter is written before the transaction, since functions of the pool may word it; it is posted
/// with its code in the transaction that makes the code, so that neither is without the other; and after the commit it is handed over.
/// </summary>
public sealed class Postbox(MessageStore messages, PostboxOptions options, PoolTriggers triggers, CustomSenders senders)
{
    /// <summary>Refuses at once, before anything is changed, where nothing at all could be delivered.</summary>
    public void MustBeOpen(UserPool pool)
    {
        if (!options.Open && !CustomSenders.Sends(pool, "EMAIL") && !CustomSenders.Sends(pool, "SMS")) throw new RefusedException(Refusal.CodeUndeliverable);
    }

    /// <summary>Words a message, or refuses if it could not be delivered. Never inside a transaction.</summary>
    public async Task<Letter> Write(Addressee to, CancellationToken cancel)
    {
        if (CustomSenders.Sends(to.Pool, to.To.Medium))
        {
            senders.MustBeReady(to);
            return new(to, null);
        }
        if (!options.Open) throw new RefusedException(Refusal.CodeUndeliverable);
        var usual = MessageText.Of(to.Kind, to.Pool, to.To.Medium);
        return new(to, await triggers.CustomMessage(to, usual, cancel));
    }

    /// <summary>Posts a letter with its code or temporary password.</summary>
    public Task Post(Tx tx, Letter letter, string code)
    {
        if (letter.Text is not { } text) return Task.CompletedTask;
        var (kind, pool, _, user, to, _) = letter.For;
        return messages.Insert(tx, Message(tx, kind, pool, user.Username, to, text, code));
    }

    /// <summary>Posts to nobody what a user would be sent. It is as much work, so that time does not tell them apart (security.md C5), and it is over at once.</summary>
    public Task Pretend(Tx tx, MessageKind kind, UserPool pool, string typed, Destination to)
    {
        if (CustomSenders.Sends(pool, to.Medium)) return Task.CompletedTask;
        return messages.InsertOver(tx, Message(tx, kind, pool, typed, to, MessageText.Of(kind, pool, to.Medium), Ids.Code()));
    }

    /// <summary>After the commit: gives a letter without a text to the pool's function; nobody waits for that.</summary>
    public void HandOver(Letter letter, string code)
    {
        if (letter.Text is null) senders.Send(letter.For, code);
    }

    static OutgoingMessage Message(Tx tx, MessageKind kind, UserPool pool, string username, Destination to, MessageText text, string code)
    {
        // The name that the user signs in with, which in an e-mail pool is the address and not the generated id.
        var name = pool.UsernameAttributes.Count > 0 ? to.Address : username;
        return new(tx.Now, kind.ToString(), pool.Id, username, to.Address, text.Subject, text.Fill(name, code), code);
    }
}
