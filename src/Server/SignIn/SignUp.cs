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
/// <param name="Password">The password; null in a pool whose users sign in by a code.</param>
/// <param name="Attributes">Attribute values by name.</param>
/// <param name="ValidationData">What the caller tells the function that decides on sign-ups, or null.</param>
/// <param name="Metadata">The ClientMetadata of the call, or null.</param>
public sealed record SignUpForm(
    string Username, string? Password, IReadOnlyDictionary<string, string> Attributes,
    IReadOnlyDictionary<string, string>? ValidationData = null, IReadOnlyDictionary<string, string>? Metadata = null);

/// <summary>A signed-up user and where the code went.</summary>
/// <param name="User">The user, confirmed already if a function of the pool said so.</param>
/// <param name="CodeSentTo">Where, or null if the pool verifies nothing that the user gave, or there is nothing to confirm.</param>
/// <param name="Session">What the confirmation takes to let its holder sign in at once, or null.</param>
public sealed record SignedUp(User User, Destination? CodeSentTo, string? Session = null);

/// <summary>What confirms a sign-up.</summary>
/// <param name="Username">The name, or an alias.</param>
/// <param name="Code">The code that was sent.</param>
/// <param name="TakeAliases">Whether an address or number that another user has proven moves to this one.</param>
/// <param name="Session">What the sign-up left, or null.</param>
/// <param name="Metadata">The ClientMetadata of the call, or null.</param>
public sealed record Confirmation(
    string Username, string Code, bool TakeAliases = false, string? Session = null, IReadOnlyDictionary<string, string>? Metadata = null);

/// <summary>A confirmed user.</summary>
/// <param name="User">The user.</param>
/// <param name="Session">What lets the holder sign in without another first factor, or null.</param>
public sealed record Confirmed(User User, string? Session);

/// <summary>Signing up, confirming it, and sending the code again; for the JSON API and the hosted pages.</summary>
public sealed class SignUp(
    Database database, Accounts accounts, Passwords passwords, Codes codes, Challenges challenges, Postbox postbox, PoolTriggers triggers)
{
    /// <summary>Creates an unconfirmed user and sends the code.</summary>
    public async Task<SignedUp> Start(UserPool pool, AppClient client, SignUpForm form, CancellationToken cancel)
    {
        if (pool.OnlyAdminsCreateUsers) throw new RefusedException(Refusal.SignUpNotPermitted);
        AttributeRules.CheckWritable(client, form.Attributes.Keys);
        var (user, caseSensitive) = NewUser.Of(pool, form.Username, form.Attributes, database.Now);
        AttributeRules.CheckRequired(pool, user.Attributes);
        if (form.Password is not null) PasswordRules.Check(pool.PasswordPolicy, form.Password);
        else MustBeReachable(pool, user);
        var answer = await triggers.PreSignUp(TriggerSubject.OfNew(pool, client.Id, user), byAdmin: false, form.ValidationData, form.Metadata, cancel);
        user = Answered(user, answer);
        if (form.Password is { } password) user = user with { Credentials = await passwords.Make(pool, user.Sub, user.Username, password, cancel) };
        var to = answer.AutoConfirm ? null : Codes.OfSignUp(pool, user);
        var letter = to is null ? null : await postbox.Write(new(MessageKind.SignUp, pool, client.Id, user, to, form.Metadata), cancel);

        // What a function vouches for goes to this user, as it would with a code; in a pool that signs in by it, it is another user's only name.
        var takeAliases = pool.UsernameAttributes.Count == 0 && (answer.AutoVerifyEmail || answer.AutoVerifyPhone);
        var (refused, session) = await database.Write<(Refusal?, string?)>(async tx =>
        {
            if (NewUser.Refusal(await UserStore.Insert(tx, user, caseSensitive, Aliases.Of(pool, user), takeAliases)) is { } taken) return (taken, null);
            if (letter is null) return (null, null);
            var unsent = await codes.Send(tx, letter);
            return (unsent, client.AllowsFlow("USER_AUTH") ? await challenges.Give(tx, new(pool, client, null), user, ChoiceSignIn.SigningUp, new(form.Username)) : null);
        });
        if (refused is { } reason) throw new RefusedException(reason, NewUser.TakenName(pool, form.Username));
        if (answer.AutoConfirm) await triggers.PostConfirmation(TriggerSubject.Of(pool, client.Id, user), ofForgottenPassword: false, form.Metadata);
        return new(user, to, session);
    }

    /// <summary>Confirms a sign-up by its code, which verifies the attribute that it was sent to.</summary>
    public async Task<Confirmed> Confirm(UserPool pool, AppClient client, Confirmation given, CancellationToken cancel)
    {
        var user = await accounts.Find(pool, given.Username, cancel);
        // Where users are hidden, who is confirmed already looks like who was never there.
        if (accounts.Hides(client) && user is not { Status: UserStatus.Unconfirmed })
            throw new RefusedException(await database.Write(tx => codes.TryPretended(tx, pool, given.Username, CodePurpose.SignUp, given.Code)));
        if (user is null) throw new RefusedException(Refusal.UserNotFound);
        if (user.Status != UserStatus.Unconfirmed) throw new RefusedException(Refusal.UserConfirmedStatus, user.Status);

        var attempt = new SignInAttempt(pool, client, null);
        var held = await Held(attempt, given, cancel);
        var (refused, session) = await database.Write<(RefusedException?, string?)>(async tx =>
        {
            RefusedException? fault = null;
            // A right code whose alias is taken is not spent: the user may insist with ForceAliasCreation.
            await tx.AllOrNothing(async () => (fault = await Confirm(tx, pool, user.Sub, given))?.Reason != Refusal.AliasExists);
            return (fault, fault is null && held is not null ? await challenges.Exchange(tx, attempt, held, ChoiceSignIn.SignedUp) : null);
        });
        if (refused is not null) throw refused;
        user = await accounts.Get(pool, user.Sub, CancellationToken.None);
        await triggers.PostConfirmation(TriggerSubject.Of(pool, client.Id, user), ofForgottenPassword: false, given.Metadata);
        return new(user, session);
    }

    /// <summary>Sends the code of a sign-up again; the old one dies.</summary>
    public async Task<Destination> SendAgain(
        UserPool pool, AppClient client, string username, IReadOnlyDictionary<string, string>? metadata, CancellationToken cancel)
    {
        var user = await accounts.Find(pool, username, cancel);
        var to = user is null ? null : Codes.OfSignUp(pool, user);
        if (Obstacle(user, to) is { } obstacle)
        {
            // A pool that verifies nothing says so of everybody.
            if (!accounts.Hides(client) || pool.AutoVerifiedAttributes.Count == 0)
                throw new RefusedException(accounts.Hides(client) ? Refusal.NoVerifiedChannel : obstacle);
            postbox.MustBeOpen(pool);
            return await codes.Pretend(CodePurpose.SignUp, pool, username);
        }
        var letter = await postbox.Write(new(MessageKind.ResendCode, pool, client.Id, user!, to!, metadata), cancel);
        await codes.Send(letter);
        return to!;
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

    // Who takes longer than a session lives is confirmed all the same, and signs in like anybody else.
    async Task<OpenChallenge?> Held(SignInAttempt attempt, Confirmation given, CancellationToken cancel)
    {
        if (given.Session is null) return null;
        try
        {
            return await challenges.Open(attempt, given.Session, given.Username, [ChoiceSignIn.SigningUp], cancel);
        }
        catch (RefusedException)
        {
            return null;
        }
    }

    async Task<RefusedException?> Confirm(Tx tx, UserPool pool, string sub, Confirmation given)
    {
        if (await UserStore.Lock(tx, pool.Id, sub) is not { } now) return new(Refusal.UserNotFound);
        var (wrong, proven) = await codes.Try(tx, pool, now, CodePurpose.SignUp, given.Code);
        if (wrong is { } reason) return new(reason);
        if (now.Status != UserStatus.Unconfirmed) return new(Refusal.UserConfirmedStatus, now.Status);
        var attributes = new Dictionary<string, string>(now.Attributes, StringComparer.Ordinal) { [proven!.Attribute + "_verified"] = "true" };
        var confirmed = now with { Status = UserStatus.Confirmed, Attributes = attributes, ModifiedAt = tx.Now };
        return await UserStore.Update(tx, confirmed, Aliases.Of(pool, confirmed), given.TakeAliases) == UserWrite.AliasTaken
            ? new(Refusal.AliasExists, proven.Attribute.Replace('_', ' ')) : null;
    }

    static Refusal? Obstacle(User? user, Destination? to) => user switch
    {
        null => Refusal.UserNotFound,
        { Status: not UserStatus.Unconfirmed } => Refusal.UserAlreadyConfirmed,
        _ => to is null ? Refusal.NoVerifiedChannel : null,
    };

    // Without a password a code is the only way in, and it needs somewhere to go.
    static void MustBeReachable(UserPool pool, User user)
    {
        var channels = pool.FirstFactors.Select(Factor.Channel).OfType<string>().ToList();
        if (!channels.Exists(name => user.Attribute(name) is { Length: > 0 }))
            throw new RefusedException(Refusal.AttributesInvalid, $"{channels[0]}: The attribute is required\n");
    }
}
