using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>A call that changes or proves attributes of a user who exists.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="User">The user.</param>
/// <param name="ClientId">The app client of the user's own call, or null for an administrator's.</param>
/// <param name="Metadata">The call's ClientMetadata, or null.</param>
public sealed record AttributeCall(UserPool Pool, User User, string? ClientId = null, IReadOnlyDictionary<string, string>? Metadata = null);

/// <summary>Changing attributes of a user who exists, and proving the addresses and numbers among them.</summary>
public sealed class UserAttributes(Database database, Accounts accounts, Codes codes, Postbox postbox)
{
    /// <summary>Changes attributes, an empty value deletes; returns where codes went.</summary>
    public async Task<IReadOnlyList<Destination>> Change(AttributeCall call, IReadOnlyDictionary<string, string> changes, CancellationToken cancel)
    {
        var (pool, user) = (call.Pool, call.User);
        var unproven = AttributeChange.Of(pool, user, changes).Unproven;
        var letters = new List<Letter>();
        foreach (var to in unproven) letters.Add(await Write(call, MessageKind.UpdateUserAttribute, to, cancel));

        var (refused, sent) = await database.Write(tx => Change(tx, pool, user.Sub, changes, letters));
        if (refused is not null) throw refused;
        // Another change came between: what is written about is not what has to be proven any more.
        if (sent is null) return await Change(call with { User = await accounts.Get(pool, user.Sub, cancel) }, changes, cancel);
        return [.. sent.Select(letter => letter.For.To)];
    }

    /// <summary>Sends the code that proves an address or number: the one that waits for its proof, or the user's own. Null if there is neither.</summary>
    public async Task<Destination?> SendCode(AttributeCall call, string attribute, CancellationToken cancel)
    {
        if ((await codes.Waiting(call.Pool, call.User, attribute, cancel) ?? call.User.Attribute(attribute)) is not { Length: > 0 } address) return null;
        var to = new Destination(attribute, address);
        var letter = await Write(call, MessageKind.VerifyUserAttribute, to, cancel);
        await codes.Send(letter);
        return to;
    }

    /// <summary>Takes the code: what it went to is proven, and the user's from now on if it had to wait for that.</summary>
    public async Task Verify(AttributeCall call, string attribute, string code)
    {
        RefusedException? refused = null;
        await database.Write(tx => tx.AllOrNothing(async () =>
        {
            refused = await Verify(tx, call.Pool, call.User.Sub, attribute, code);
            // A right code whose address is another user's sign-in name is not spent.
            return refused?.Reason != Refusal.AliasExists;
        }));
        if (refused is not null) throw refused;
    }

    async Task<(RefusedException? Refused, List<Letter>? Sent)> Change(
        Tx tx, UserPool pool, string sub, IReadOnlyDictionary<string, string> changes, List<Letter> letters)
    {
        if (await UserStore.Lock(tx, pool.Id, sub) is not { } now) return (new(Refusal.UserNotFound), null);
        AttributeChange change;
        try
        {
            change = AttributeChange.Of(pool, now, changes);
        }
        catch (RefusedException refused)
        {
            return (refused, null);
        }
        if (change.Unproven.Any(to => letters.TrueForAll(letter => letter.For.To != to))) return (null, null);

        RefusedException? fault = null;
        var sent = new List<Letter>();
        await tx.AllOrNothing(async () =>
        {
            fault = await Store(tx, pool, now, change.After, changes.Keys);
            foreach (var letter in letters.Where(letter => fault is null && change.Unproven.Contains(letter.For.To)))
            {
                if (await codes.Send(tx, letter) is { } reason) fault = new(reason);
                sent.Add(letter);
            }
            return fault is null;
        });
        return (fault, sent);
    }

    async Task<RefusedException?> Verify(Tx tx, UserPool pool, string sub, string attribute, string code)
    {
        if (await UserStore.Lock(tx, pool.Id, sub) is not { } now) return new(Refusal.UserNotFound);
        var (wrong, proven) = await codes.Try(tx, pool, now, Codes.ProofOf(attribute), code);
        if (wrong is { } reason) return new(reason);
        var after = new Dictionary<string, string>(now.Attributes, StringComparer.Ordinal) { [attribute] = proven!.Address, [attribute + "_verified"] = "true" };
        return await Store(tx, pool, now, after, [attribute]);
    }

    /// <summary>Writes the attributes of a user whose row is locked. Codes that went to an address which is the user's no more end.</summary>
    static async Task<RefusedException?> Store(Tx tx, UserPool pool, User now, Dictionary<string, string> after, IEnumerable<string> changed)
    {
        var user = now with { Attributes = after, ModifiedAt = tx.Now };
        if (await UserStore.Update(tx, user, Aliases.Of(pool, user), takeAliases: false) == UserWrite.AliasTaken)
            return new(Refusal.AliasExists, Taken(pool, user, [.. changed]));
        foreach (var name in AttributeChange.Moved(now, after)) await ConfirmationCodeStore.EndSentTo(tx, pool.Id, now.Sub, name);
        return null;
    }

    /// <summary>What the taken alias is called in the refusal: of those that the call changed, the first.</summary>
    static string? Taken(UserPool pool, User user, HashSet<string> changed)
    {
        var name = Aliases.Of(pool, user).FirstOrDefault(name => changed.Contains(name) || changed.Contains(name + "_verified"))?.Replace('_', ' ');
        return pool.UsernameAttributes.Count > 0 ? $"given {name}" : name;
    }

    // Functions that word or send a message see the user as they would be: to them the new address is the only one.
    Task<Letter> Write(AttributeCall call, MessageKind kind, Destination to, CancellationToken cancel)
    {
        var attributes = new Dictionary<string, string>(call.User.Attributes, StringComparer.Ordinal) { [to.Attribute] = to.Address };
        if (call.User.Attribute(to.Attribute) != to.Address) attributes[to.Attribute + "_verified"] = "false";
        return postbox.Write(new(kind, call.Pool, call.ClientId, call.User with { Attributes = attributes }, to, call.Metadata), cancel);
    }
}
