using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Storage;

namespace Poolhouse.Server.Outbound;

/// <summary>Who takes messages away, beside the pools' own functions.</summary>
/// <param name="Links">The URL of the server, which links in messages begin with.</param>
/// <param name="Mail">Whether a mail server takes e-mail.</param>
/// <param name="Sms">Whether a webhook takes text messages.</param>
/// <param name="KeepsAll">Whether every message is kept to be looked at: the inbox of <c>poolhouse dev</c>.</param>
public sealed record PostboxOptions(string Links, bool Mail, bool Sms, bool KeepsAll)
{
    /// <summary>Whether messages by a medium go anywhere.</summary>
    public bool Takes(string medium) => KeepsAll || Lane(medium) is not null;

    /// <summary>Who takes messages by a medium away, or null for nobody.</summary>
    public string? Lane(string medium) => medium == "EMAIL" ? Mail ? MessageLane.Mail : null : Sms ? MessageLane.Sms : null;
}

/// <summary>
/// Messages to users, in two steps: a letter is written before the transaction, since functions of the pool may word it; and it is posted
/// with its code in the transaction that makes the code, so that neither is without the other. The courier delivers it after the commit.
/// </summary>
public sealed class Postbox(MessageStore messages, PostboxOptions options, PoolTriggers triggers, CustomSenders senders)
{
    /// <summary>Refuses at once, before anything is changed, where nothing at all could be delivered.</summary>
    public void MustBeOpen(UserPool pool)
    {
        if (!IsOpen(pool, "EMAIL") && !IsOpen(pool, "SMS")) throw new RefusedException(Refusal.CodeUndeliverable);
    }

    /// <summary>Words a message, or refuses if it could not be delivered. Never inside a transaction.</summary>
    public async Task<Letter> Write(Addressee to, CancellationToken cancel)
    {
        if (CustomSenders.Sends(to.Pool, to.To.Medium))
        {
            senders.MustBeReady(to);
            return new(to, null);
        }
        if (!options.Takes(to.To.Medium)) throw new RefusedException(Refusal.CodeUndeliverable);
        var usual = MessageText.Of(to.Kind, to.Pool, to.To.Medium);
        return new(to, await triggers.CustomMessage(to, usual, cancel));
    }

    /// <summary>Posts a letter with its code or temporary password.</summary>
    /// <param name="tx">The transaction that makes the code.</param>
    /// <param name="letter">The letter.</param>
    /// <param name="code">The code.</param>
    /// <param name="goodFor">How long it is good; nobody tries to deliver it later.</param>
    public Task Post(Tx tx, Letter letter, string code, TimeSpan goodFor)
    {
        var (kind, pool, clientId, user, to, _) = letter.For;
        var text = letter.Text is { } words ? Filled(words, pool, user.Username, to, code, clientId) : null;
        return messages.Insert(tx, Message(tx, kind, pool, user.Username, to, code, goodFor) with { Text = text, ForFunction = text is null ? CustomSenders.Notes(letter.For) : null },
            text is null ? MessageLane.Function : options.Lane(to.Medium));
    }

    /// <summary>Posts to nobody what a user would be sent. It is as much work, so that time does not tell them apart (security.md C5), and it is over at once.</summary>
    public Task Pretend(Tx tx, MessageKind kind, UserPool pool, string typed, Destination to)
    {
        var code = Ids.Code();
        return messages.InsertOver(tx, Message(tx, kind, pool, typed, to, code, TimeSpan.Zero) with { Text = Filled(MessageText.Of(kind, pool, to.Medium), pool, typed, to, code, null) });
    }

    bool IsOpen(UserPool pool, string medium) => options.Takes(medium) || CustomSenders.Sends(pool, medium);

    static OutgoingMessage Message(Tx tx, MessageKind kind, UserPool pool, string username, Destination to, string code, TimeSpan goodFor) =>
        new(tx.Now, tx.Now + goodFor.Ms(), kind.ToString(), pool.Id, username, to, code, null);

    WrittenText Filled(MessageText words, UserPool pool, string username, Destination to, string code, string? clientId)
    {
        // The name that the user signs in with, which in an e-mail pool is the address and not the generated id.
        var name = pool.UsernameAttributes.Count > 0 ? to.Address : username;
        return words.Fill(name, code, $"{options.Links}/confirmUser?client_id={clientId}&user_name={Uri.EscapeDataString(username)}&confirmation_code={code}");
    }
}
