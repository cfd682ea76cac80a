using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What GetUserAttributeVerificationCode takes.</summary>
public sealed record GetUserAttributeVerificationCodeRequest(
    [TokenText] string AccessToken,
    [AttributeName] string AttributeName,
    [Text(On = Part.Keys), Text(On = Part.Each)] IReadOnlyDictionary<string, string>? ClientMetadata = null);

/// <summary>Sends the code that proves the caller's address or number: the new one, where one waits for its proof.</summary>
static class GetUserAttributeVerificationCode
{
    public static readonly Operation Operation = Operation.Of<GetUserAttributeVerificationCodeRequest, CodeSent, AccessTokenCheck, UserAttributes>(
        nameof(GetUserAttributeVerificationCode), Access.AccessToken,
        () => AccountJson.Default.GetUserAttributeVerificationCodeRequest, () => AccountJson.Default.CodeSent, Handle);

    static async Task<CodeSent> Handle(GetUserAttributeVerificationCodeRequest request, CognitoCall call, AccessTokenCheck check, UserAttributes attributes)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        MustBeChannel(request.AttributeName);
        var to = await attributes.SendCode(new(token.Pool, token.User!, token.Client.Id, request.ClientMetadata), request.AttributeName, call.Cancel);
        return new(CodeDeliveryDetails.Of(to ?? throw CognitoException.InvalidParameter($"The user has no {request.AttributeName}.")));
    }

    /// <summary>Refuses attributes that no code can go to.</summary>
    public static void MustBeChannel(string attribute)
    {
        if (attribute is not ("email" or "phone_number"))
            throw CognitoException.InvalidParameter($"Only email and phone_number can be verified, not {attribute}.");
    }
}
