using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>Users whom an administrator makes, and the messages that tell them their temporary password.</summary>
sealed class Invitations(Database database, Accounts accounts, Passwords passwords, Postbox postbox, PoolTriggers triggers)
{
    /// <summary>Makes a user. Required attributes may be missing: the user gives them at the first sign-in.</summary>
    public async Task<User> Create(UserPool pool, AdminCreateUserRequest request, string? sub, CancellationToken cancel)
    {
        var (user, caseSensitive) = NewUser.Of(pool, request.Username, AttributeType.Values(request.UserAttributes), database.Now, sub);
        var channels = request.MessageAction == "SUPPRESS" ? [] : Channels(user, request.DesiredDeliveryMediums);
        var validation = request.ValidationData is null ? null : AttributeType.Values(request.ValidationData);
        // An administrator decides; the function may refuse, and its flags mean nothing here.
        await triggers.PreSignUp(TriggerSubject.OfNew(pool, null, user), byAdmin: true, validation, request.ClientMetadata, cancel);
        if (request.TemporaryPassword is null && pool.SignsInWithoutPassword) return await CreateWithout(pool, user, caseSensitive, request);

        var password = request.TemporaryPassword ?? TemporaryPassword.Make(pool.PasswordPolicy);
        user = user with
        {
            Credentials = await passwords.Make(pool, user.Sub, user.Username, password, cancel),
            Status = UserStatus.ForceChangePassword,
            PasswordEndsAt = user.CreatedAt + pool.TemporaryPasswordLifetime.Ms(),
        };
        var letters = await Write(pool, user, channels, request, cancel);
        Check(pool, request, await database.Write(async tx =>
        {
            var written = await Insert(tx, pool, user, caseSensitive, request);
            if (written == UserWrite.Done)
                foreach (var letter in letters) await postbox.Post(tx, letter, password, pool.TemporaryPasswordLifetime);
            return written;
        }));
        return user;
    }

    /// <summary>Sends a new temporary password, whose time begins anew, to a user who has not yet chosen one.</summary>
    public async Task<User> SendAgain(UserPool pool, AdminCreateUserRequest request, CancellationToken cancel)
    {
        var user = await accounts.Get(pool, request.Username, cancel);
        if (user.Status != UserStatus.ForceChangePassword) throw NotPossible(user);
        var channels = Channels(user, request.DesiredDeliveryMediums);
        if (channels.Count == 0) throw CognitoException.InvalidParameter("The user has no phone number or email that the invitation could go to; DesiredDeliveryMediums is SMS unless it is set.");
        var password = request.TemporaryPassword ?? TemporaryPassword.Make(pool.PasswordPolicy);
        var made = await passwords.Make(pool, user.Sub, user.Username, password, cancel);
        var letters = await Write(pool, user, channels, request, cancel);

        var sent = await database.Write(async tx =>
        {
            if (await UserStore.Lock(tx, pool.Id, user.Sub) is not { Status: UserStatus.ForceChangePassword } now) return false;
            if (await passwords.StoreTemporary(tx, pool, now, made) != UserWrite.Done) return false;
            foreach (var letter in letters) await postbox.Post(tx, letter, password, pool.TemporaryPasswordLifetime);
            return true;
        });
        if (!sent) throw NotPossible(user);
        return await accounts.Get(pool, user.Sub, cancel);
    }

    async Task<IReadOnlyList<Letter>> Write(UserPool pool, User user, IReadOnlyList<Destination> channels, AdminCreateUserRequest request, CancellationToken cancel)
    {
        var letters = new List<Letter>();
        foreach (var to in channels) letters.Add(await postbox.Write(new(MessageKind.AdminCreateUser, pool, null, user, to, request.ClientMetadata), cancel));
        return letters;
    }

    /// <summary>In a pool whose users sign in by a code, a user without a password is a whole one.</summary>
    async Task<User> CreateWithout(UserPool pool, User user, bool caseSensitive, AdminCreateUserRequest request)
    {
        user = user with { Status = UserStatus.Confirmed };
        Check(pool, request, await database.Write(tx => Insert(tx, pool, user, caseSensitive, request)));
        return user;
    }

    // In a pool that signs in by e-mail or phone the alias is the user's only name: it cannot be taken away.
    static Task<UserWrite> Insert(Tx tx, UserPool pool, User user, bool caseSensitive, AdminCreateUserRequest request) =>
        UserStore.Insert(tx, user, caseSensitive, Aliases.Of(pool, user), request.ForceAliasCreation == true && pool.UsernameAttributes.Count == 0);

    static void Check(UserPool pool, AdminCreateUserRequest request, UserWrite written)
    {
        if (written == UserWrite.Done) return;
        // The operation lists no AliasExistsException.
        throw new CognitoException("UsernameExistsException", written == UserWrite.UsernameTaken ? "User account already exists"
            : NewUser.TakenName(pool, request.Username) is { } typed ? $"An account with the given {typed} already exists."
            : "An account with the given email, phone number or preferred username already exists.");
    }

    /// <summary>Where the invitation goes. A medium that was asked for must be possible; the default is SMS, for those who have a phone.</summary>
    static IReadOnlyList<Destination> Channels(User user, IReadOnlyList<string>? asked)
    {
        var channels = new List<Destination>();
        foreach (var medium in asked?.Distinct(StringComparer.Ordinal) ?? ["SMS"])
        {
            var attribute = medium == "EMAIL" ? "email" : "phone_number";
            if (user.Attribute(attribute) is { } address) channels.Add(new(attribute, address));
            else if (asked is not null) throw CognitoException.InvalidParameter($"The user has no {attribute}, which the delivery medium {medium} needs.");
        }
        return channels;
    }

    static CognitoException NotPossible(User user) =>
        new("UnsupportedUserStateException", $"Resend not possible. {user.Username} status is not FORCE_CHANGE_PASSWORD");
}
