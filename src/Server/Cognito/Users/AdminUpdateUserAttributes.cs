using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>What AdminUpdateUserAttributes takes.</summary>
public sealed record AdminUpdateUserAttributesRequest(
    [PoolId] string UserPoolId,
    [Username] string Username,
    IReadOnlyList<AttributeType> UserAttributes,
    [Text(On = Part.Keys), Text(On = Part.Each)] IReadOnlyDictionary<string, string>? ClientMetadata = null);

/// <summary>Changes attributes of a user, those included that say what is verified; an empty value deletes.</summary>
static class AdminUpdateUserAttributes
{
    public static readonly Operation Operation = Operation.Of<AdminUpdateUserAttributesRequest, Nothing, Accounts>(
        nameof(AdminUpdateUserAttributes), Access.Iam,
        () => UsersJson.Default.AdminUpdateUserAttributesRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(AdminUpdateUserAttributesRequest request, CognitoCall call, Accounts accounts)
    {
        var pool = await call.Pool(request.UserPoolId);
        var user = await accounts.Get(pool, request.Username, call.Cancel);
        var changes = AttributeType.Values(request.UserAttributes);
        var refused = await call.Database.Write(tx => Change(tx, pool, user.Sub, changes));
        return refused is null ? Nothing.Value : throw refused;
    }

    static async Task<Exception?> Change(Tx tx, UserPool pool, string sub, Dictionary<string, string> changes)
    {
        if (await UserStore.Lock(tx, pool.Id, sub) is not { } now) return new RefusedException(Refusal.UserNotFound);
        try
        {
            var attributes = AttributeChange.Apply(pool, now, changes);
            var moved = AttributeChange.Moved(now, attributes).ToList();
            // The old value would have to stay until its owner has proven the new one, which only an administrator can say here.
            if (moved.FirstOrDefault(name => pool.VerifiesBeforeUpdate(name) && attributes.ContainsKey(name) && attributes[name + "_verified"] != "true") is { } unproven)
                return CognitoException.InvalidParameter($"The user pool requires verification before {unproven} is updated; set {unproven}_verified to true with it.");
            var changed = now with { Attributes = attributes, ModifiedAt = tx.Now };
            var written = await UserStore.Update(tx, changed, Aliases.Of(pool, changed), takeAliases: false);
            if (written == UserWrite.AliasTaken) return new RefusedException(Refusal.AliasExists, Taken(pool, changed, changes));
            foreach (var name in moved) await ConfirmationCodeStore.EndSentTo(tx, pool.Id, sub, name);
            return null;
        }
        catch (RefusedException refused)
        {
            return refused;
        }
    }

    /// <summary>What the taken alias is called in the refusal: of those that the call changed, the first.</summary>
    static string? Taken(UserPool pool, User user, Dictionary<string, string> changes)
    {
        var name = Aliases.Of(pool, user).FirstOrDefault(name => changes.ContainsKey(name) || changes.ContainsKey(name + "_verified"));
        return pool.UsernameAttributes.Count > 0 ? $"given {name?.Replace('_', ' ')}" : name?.Replace('_', ' ');
    }
}
