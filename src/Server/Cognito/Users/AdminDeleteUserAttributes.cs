using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>What AdminDeleteUserAttributes takes.</summary>
public sealed record AdminDeleteUserAttributesRequest(
    [PoolId] string UserPoolId, [Username] string Username, [AttributeName(On = Part.Each)] IReadOnlyList<string> UserAttributeNames);

/// <summary>Deletes attributes of a user, as far as the schema can do without.</summary>
static class AdminDeleteUserAttributes
{
    public static readonly Operation Operation = Operation.Of<AdminDeleteUserAttributesRequest, Nothing, Accounts, UserAttributes>(
        nameof(AdminDeleteUserAttributes), Access.Iam,
        () => UsersJson.Default.AdminDeleteUserAttributesRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(AdminDeleteUserAttributesRequest request, CognitoCall call, Accounts accounts, UserAttributes attributes)
    {
        var pool = await call.Pool(request.UserPoolId);
        var user = await accounts.Get(pool, request.Username, call.Cancel);
        await attributes.Change(new(pool, user), AttributeType.None(request.UserAttributeNames), call.Cancel);
        return Nothing.Value;
    }
}
