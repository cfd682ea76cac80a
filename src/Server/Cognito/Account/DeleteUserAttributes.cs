using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What DeleteUserAttributes takes.</summary>
public sealed record DeleteUserAttributesRequest([AttributeName(On = Part.Each)] IReadOnlyList<string> UserAttributeNames, [TokenText] string AccessToken);

/// <summary>Deletes the caller's own attributes, as far as the client may write them and the schema can do without.</summary>
static class DeleteUserAttributes
{
    public static readonly Operation Operation = Operation.Of<DeleteUserAttributesRequest, Nothing, AccessTokenCheck, UserAttributes>(
        nameof(DeleteUserAttributes), Access.AccessToken,
        () => AccountJson.Default.DeleteUserAttributesRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(DeleteUserAttributesRequest request, CognitoCall call, AccessTokenCheck check, UserAttributes attributes)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        AttributeRules.CheckWritable(token.Client, request.UserAttributeNames);
        await attributes.Change(new(token.Pool, token.User!, token.Client.Id), AttributeType.None(request.UserAttributeNames), call.Cancel);
        return Nothing.Value;
    }
}
