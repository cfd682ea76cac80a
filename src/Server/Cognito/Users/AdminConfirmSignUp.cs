using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>What AdminConfirmSignUp takes.</summary>
public sealed record AdminConfirmSignUpRequest(
    [PoolId] string UserPoolId,
    [Username] string Username,
    [Text(On = Part.Keys), Text(On = Part.Each)] IReadOnlyDictionary<string, string>? ClientMetadata = null);

/// <summary>Confirms a sign-up without a code, and so without proof of an address or number.</summary>
static class AdminConfirmSignUp
{
    public static readonly Operation Operation = Operation.Of<AdminConfirmSignUpRequest, Nothing, Accounts, PoolTriggers>(nameof(AdminConfirmSignUp), Access.Iam,
        () => UsersJson.Default.AdminConfirmSignUpRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(AdminConfirmSignUpRequest request, CognitoCall call, Accounts accounts, PoolTriggers triggers)
    {
        var pool = await call.Pool(request.UserPoolId);
        var user = await accounts.Get(pool, request.Username, call.Cancel);
        var refused = await call.Database.Write(tx => Confirm(tx, pool, user.Sub));
        if (refused is not null) throw refused;
        user = await accounts.Get(pool, user.Sub, CancellationToken.None);
        await triggers.PostConfirmation(TriggerSubject.Of(pool, null, user), ofForgottenPassword: false, request.ClientMetadata);
        return Nothing.Value;
    }

    static async Task<RefusedException?> Confirm(Tx tx, UserPool pool, string sub)
    {
        if (await UserStore.Lock(tx, pool.Id, sub) is not { } now) return new(Refusal.UserNotFound);
        if (now.Status != UserStatus.Unconfirmed) return new(Refusal.UserConfirmedStatus, now.Status);
        var confirmed = now with { Status = UserStatus.Confirmed, ModifiedAt = tx.Now };
        return await UserStore.Update(tx, confirmed, Aliases.Of(pool, confirmed), takeAliases: false) == UserWrite.Done ? null : new(Refusal.AliasExists);
    }
}
