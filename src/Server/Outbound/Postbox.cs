using Poolhouse.Core;
using Poolhouse.Core.Pools;
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
        // The name that the user signs in with, which in an e-mail pool is the address and not the generated id.
        var name = pool.UsernameAttributes.Count > 0 ? to.Address : user.Username;
        return messages.Insert(tx, new(tx.Now, kind.ToString(), pool.Id, user.Username, to.Address, text.Subject, text.Fill(name, code), code));
    }

    /// <summary>After the commit: gives a letter without a text to the pool's function; nobody waits for that.</summary>
    public void HandOver(Letter letter, string code)
    {
        if (letter.Text is null) senders.Send(letter.For, code);
    }
}
