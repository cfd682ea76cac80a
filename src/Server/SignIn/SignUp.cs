using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>What a person gives to sign up.</summary>
/// <param name="Username">A name, or in an e-mail or phone pool the address or number.</param>
/// <param name="Password">The password.</param>
/// <param name="Attributes">Attribute values by name.</param>
public sealed record SignUpForm(string Username, string Password, IReadOnlyDictionary<string, string> Attributes);

/// <summary>A signed-up user and where the code went.</summary>
/// <param name="User">The user.</param>
/// <param name="CodeSentTo">Where, or null if the pool verifies nothing that the user gave.</param>
public sealed record SignedUp(User User, Destination? CodeSentTo);

/// <summary>Signing up, confirming it, and sending the code again; for the JSON API and the hosted pages.</summary>
public sealed class SignUp(Database database, Accounts accounts, Passwords passwords, Codes codes, Postbox postbox)
{
    /// <summary>Creates an unconfirmed user and sends the code.</summary>
    public async Task<SignedUp> Start(UserPool pool, AppClient client, SignUpForm form, CancellationToken cancel)
    {
        if (pool.OnlyAdminsCreateUsers) throw new RefusedException(Refusal.SignUpNotPermitted);
        AttributeRules.CheckWritable(client, form.Attributes.Keys);
        var (user, caseSensitive) = NewUser.Of(pool, form.Username, form.Attributes, database.Now);
        AttributeRules.CheckRequired(pool, user.Attributes);
        var made = await passwords.Make(pool, user.Sub, user.Username, form.Password, cancel);
        user = user with { Credentials = made, Status = UserStatus.Unconfirmed };
        var to = Codes.OfSignUp(pool, user);
        if (to is not null) postbox.MustBeOpen();

        var refused = await database.Write(async tx =>
        {
            if (NewUser.Refusal(await UserStore.Insert(tx, user, caseSensitive, Aliases.Of(pool, user), takeAliases: false)) is { } taken) return taken;
            return to is null ? null : await codes.Send(tx, MessageKind.SignUp, pool, user, to);
        });
        if (refused is { } reason) throw new RefusedException(reason, NewUser.TakenName(pool, form.Username));
        return new(user, to);
    }

    /// <summary>Confirms a sign-up by its code, which verifies the attribute that it was sent to.</summary>
    public async Task<User> Confirm(UserPool pool, AppClient client, string username, string code, bool takeAliases, CancellationToken cancel)
    {
        var user = await accounts.Find(pool, username, cancel);
        if (user is null)
            throw new RefusedException(accounts.Hides(client)
                ? await database.Write(tx => codes.TryPretended(tx, pool, username, CodePurpose.SignUp, code)) : Refusal.UserNotFound);
        if (user.Status != UserStatus.Unconfirmed) throw new RefusedException(Refusal.UserConfirmedStatus, user.Status);

        var (refused, about) = await database.Write(async tx =>
        {
            (Refusal?, string?) outcome = (null, null);
            // A right code whose alias is taken is not spent: the user may insist with ForceAliasCreation.
            await tx.AllOrNothing(async () =>
            {
                var (wrong, target) = await codes.Try(tx, pool, user, CodePurpose.SignUp, code);
                outcome = wrong is not null ? (wrong, null) : await Confirm(tx, pool, user, target!, takeAliases);
                return outcome.Item1 != Refusal.AliasExists;
            });
            return outcome;
        });
        if (refused is { } reason) throw new RefusedException(reason, about);
        return user with { Status = UserStatus.Confirmed };
    }

    /// <summary>Sends the code of a sign-up again; the old one dies.</summary>
    public async Task<Destination> SendAgain(UserPool pool, AppClient client, string username, CancellationToken cancel)
    {
        var user = await accounts.Find(pool, username, cancel);
        if (user is null)
        {
            if (!accounts.Hides(client)) throw new RefusedException(Refusal.UserNotFound);
            postbox.MustBeOpen();
            var limit = await database.Write(tx => codes.Pretend(tx, CodePurpose.SignUp, pool, username));
            return limit is { } spent ? throw new RefusedException(spent) : codes.Pretended(pool, username);
        }
        if (user.Status != UserStatus.Unconfirmed) throw new RefusedException(Refusal.UserAlreadyConfirmed);
        var to = Codes.OfSignUp(pool, user) ?? throw new RefusedException(Refusal.NoVerifiedChannel);
        postbox.MustBeOpen();
        if (await database.Write(tx => codes.Send(tx, MessageKind.ResendCode, pool, user, to)) is { } refused) throw new RefusedException(refused);
        return to;
    }

    static async Task<(Refusal?, string?)> Confirm(Tx tx, UserPool pool, User user, string target, bool takeAliases)
    {
        if (await UserStore.Lock(tx, pool.Id, user.Sub) is not { } now) return (Refusal.UserNotFound, null);
        if (now.Status != UserStatus.Unconfirmed) return (Refusal.UserConfirmedStatus, now.Status);
        var attributes = new Dictionary<string, string>(now.Attributes, StringComparer.Ordinal) { [target + "_verified"] = "true" };
        var confirmed = now with { Status = UserStatus.Confirmed, Attributes = attributes, ModifiedAt = tx.Now };
        return await UserStore.Update(tx, confirmed, Aliases.Of(pool, confirmed), takeAliases) switch
        {
            UserWrite.Done => (null, null),
            UserWrite.AliasTaken => (Refusal.AliasExists, target == "email" ? "email" : "phone number"),
            _ => (Refusal.UserNotFound, null),
        };
    }
}
