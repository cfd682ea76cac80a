using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

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
    public static readonly Operation Operation = Operation.Of<AdminUpdateUserAttributesRequest, Nothing, Accounts, UserAttributes>(
        nameof(AdminUpdateUserAttributes), Access.Iam,
        () => UsersJson.Default.AdminUpdateUserAttributesRequest, () => ProtocolJson.Default.Nothing, Handle)
        .Renaming("LimitExceededException", "TooManyRequestsException").Renaming("CodeDeliveryFailureException", "InvalidParameterException");

    static async Task<Nothing> Handle(AdminUpdateUserAttributesRequest request, CognitoCall call, Accounts accounts, UserAttributes attributes)
    {
        var pool = await call.Pool(request.UserPoolId);
        var user = await accounts.Get(pool, request.Username, call.Cancel);
        await attributes.Change(new(pool, user, Metadata: request.ClientMetadata), AttributeType.Values(request.UserAttributes), call.Cancel);
        return Nothing.Value;
    }
}
