using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>What AdminSetUserPassword takes.</summary>
public sealed record AdminSetUserPasswordRequest([PoolId] string UserPoolId, [Username] string Username, [Password] string Password, bool? Permanent = null);

/// <summary>Sets a password: a permanent one confirms the user, a temporary one must be changed at the next sign-in.</summary>
static class AdminSetUserPassword
{
    public static readonly Operation Operation = Operation.Of<AdminSetUserPasswordRequest, Nothing, Accounts, Passwords>(
        nameof(AdminSetUserPassword), Access.Iam,
        () => UsersJson.Default.AdminSetUserPasswordRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(AdminSetUserPasswordRequest request, CognitoCall call, Accounts accounts, Passwords passwords)
    {
        var pool = await call.Pool(request.UserPoolId);
        var user = await accounts.Get(pool, request.Username, call.Cancel);
        var made = await passwords.MakeAnother(pool, user, request.Password, call.Cancel);
        var written = await call.Database.Write(async tx =>
            await UserStore.Lock(tx, pool.Id, user.Sub) is not { } now ? UserWrite.Gone
            : request.Permanent == true ? await passwords.Store(tx, pool, now, made)
            : await passwords.StoreTemporary(tx, pool, now, made));
        return written == UserWrite.Done ? Nothing.Value : throw new RefusedException(NewUser.Refusal(written) ?? Refusal.UserNotFound);
    }
}
