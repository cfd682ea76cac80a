using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>What a person gives to sign up.</summary>
/// <param name="Username">A name, or in an e-mail or phone pool the address or number.</param>
/// <param name="Password">The password.</param>
/// <param name="Attributes">Attribute values by name.</param>
/// <param name="ValidationData">What the caller tells the function that decides on sign-ups, or null.</param>
/// <param name="Metadata">The ClientMetadata of the call, or null.</param>
public sealed record SignUpForm(
    string Username, string Password, IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyDictionary<string, string>? ValidationData = null, IReadOnlyDictionary<string, string>? Metadata = null);

/// <summary>A signed-up user and where the code went.</summary>
/// <param name="User">The user, confirmed already if a function of the pool said so.</param>
/// <param name="CodeSentTo">Where, or null if the pool verifies nothing that the user gave, or there is nothing to confirm.</param>
public sealed record SignedUp(User User, Destination? CodeSentTo);

/// <summary>Signing up, confirming it, and sending the code again; for the JSON API and the hosted pages.</summary>
public sealed class SignUp(Database database, Accounts accounts, Passwords passwords, Codes codes, Postbox postbox, PoolTriggers triggers)
{
    /// <summary>Creates an unconfirmed user and sends the code.</summary>
    public async Task<SignedUp> Start(UserPool pool, AppClient client, SignUpForm form, CancellationToken cancel)
    {
        if (pool.OnlyAdminsCreateUsers) throw new RefusedException(Refusal.SignUpNotPermitted);
        AttributeRules.CheckWritable(client, form.Attributes.Keys);
        var (user, caseSensitive) = NewUser.Of(pool, form.Username, form.Attributes, database.Now);
        AttributeRules.CheckRequired(pool, user.Attributes);
        PasswordRules.Check(pool.PasswordPolicy, form.Password);
        var answer = await triggers.PreSignUp(TriggerSubject.OfNew(pool, client.Id, user), byAdmin: false, form.ValidationData, form.Metadata, cancel);
        user = Answered(user, answer) with { Credentials = await passwords.Make(pool, user.Sub, user.Username, form.Password, cancel) };
        var to = answer.AutoConfirm ? null : Codes.OfSignUp(pool, user);
        var letter = to is null ? null : await postbox.Write(new(MessageKind.SignUp, pool, client.Id, user, to, form.Metadata), cancel);

        // What a function vouches for goes to this user, as it would with a code; in a pool that signs in by it, it is another user's only name.
        var takeAliases = pool.UsernameAttributes.Count == 0 && (answer.AutoVerifyEmail || answer.AutoVerifyPhone);
        var sent = await database.Write(async tx =>
            NewUser.Refusal(await UserStore.Insert(tx, user, caseSensitive, Aliases.Of(pool, user), takeAliases)) is { } taken ? new(taken, null)
            : letter is null ? null : await codes.Send(tx, letter));
        if (sent?.Refused is { } reason) throw new RefusedException(reason, NewUser.TakenName(pool, form.Username));
        if (letter is not null) codes.HandOver(letter, sent!);
        if (answer.AutoConfirm) await triggers.PostConfirmation(TriggerSubject.Of(pool, client.Id, user), ofForgottenPassword: false, form.Metadata);
        return new(user, to);
    }

    /// <summary>Confirms a sign-up by its code, which verifies the attribute that it was sent to.</summary>
    public async Task<User> Confirm(UserPool pool, AppClient client, string username, string code, bool takeAliases,
        IReadOnlyDictionary<string, string>? metadata, CancellationToken cancel)
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
        user = await accounts.Get(pool, user.Sub, CancellationToken.None);
        await triggers.PostConfirmation(TriggerSubject.Of(pool, client.Id, user), ofForgottenPassword: false, metadata);
        return user;
    }

    /// <summary>Sends the code of a sign-up again; the old one dies.</summary>
    public async Task<Destination> SendAgain(
        UserPool pool, AppClient client, string username, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancel)
    {
        var user = await accounts.Find(pool, username, cancel);
        if (user is null)
        {
            if (!accounts.Hides(client)) throw new RefusedException(Refusal.UserNotFound);
            postbox.MustBeOpen(pool);
            var limit = await database.Write(tx => codes.Pretend(tx, CodePurpose.SignUp, pool, username));
            return limit is { } spent ? throw new RefusedException(spent) : codes.Pretended(pool, username);
        }
        if (user.Status != UserStatus.Unconfirmed) throw new RefusedException(Refusal.UserAlreadyConfirmed);
        var to = Codes.OfSignUp(pool, user) ?? throw new RefusedException(Refusal.NoVerifiedChannel);
        var letter = await postbox.Write(new(MessageKind.ResendCode, pool, client.Id, user, to, metadata), cancel);
        codes.HandOver(letter, await database.Write(tx => codes.Send(tx, letter)));
        return to;
    }

    static User Answered(User user, PreSignUpAnswer answer)
    {
        var attributes = new Dictionary<string, string>(user.Attributes, StringComparer.Ordinal);
        foreach (var (name, verified) in ((string, bool)[])[("email", answer.AutoVerifyEmail), ("phone_number", answer.AutoVerifyPhone)])
        {
            if (!verified) continue;
            if (!attributes.ContainsKey(name)) throw new RefusedException(Refusal.TriggerInvalid, $"PreSignUp verifies {name}, which the user does not have.");
            attributes[name + "_verified"] = "true";
        }
        return user with { Attributes = attributes, Status = answer.AutoConfirm ? UserStatus.Confirmed : UserStatus.Unconfirmed };
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
