using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What UpdateUserAttributes takes.</summary>
public sealed record UpdateUserAttributesRequest(
    IReadOnlyList<AttributeType> UserAttributes,
    [TokenText] string AccessToken,
    [Text(On = Part.Keys), Text(On = Part.Each)] IReadOnlyDictionary<string, string>? ClientMetadata = null);

/// <summary>What UpdateUserAttributes gives: where codes went.</summary>
public sealed record UpdateUserAttributesResponse(IReadOnlyList<CodeDeliveryDetails> CodeDeliveryDetailsList);

/// <summary>Changes the caller's own attributes, as far as the client may write them; an empty value deletes.</summary>
static class UpdateUserAttributes
{
    public static readonly Operation Operation = Operation.Of<UpdateUserAttributesRequest, UpdateUserAttributesResponse, AccessTokenCheck, UserAttributes>(
        nameof(UpdateUserAttributes), Access.AccessToken,
        () => AccountJson.Default.UpdateUserAttributesRequest, () => AccountJson.Default.UpdateUserAttributesResponse, Handle)
        .Renaming("LimitExceededException", "TooManyRequestsException");

    static async Task<UpdateUserAttributesResponse> Handle(UpdateUserAttributesRequest request, CognitoCall call, AccessTokenCheck check, UserAttributes attributes)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        var changes = AttributeType.Values(request.UserAttributes);
        AttributeRules.CheckWritable(token.Client, changes.Keys);
        var sent = await attributes.Change(new(token.Pool, token.User!, token.Client.Id, request.ClientMetadata), changes, call.Cancel);
        return new([.. sent.Select(CodeDeliveryDetails.Of)]);
    }
}
