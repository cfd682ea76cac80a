using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What VerifyUserAttribute takes.</summary>
public sealed record VerifyUserAttributeRequest([TokenText] string AccessToken, [AttributeName] string AttributeName, [ConfirmationCode] string Code);

/// <summary>Proves the caller's address or number by the code that went there.</summary>
static class VerifyUserAttribute
{
    public static readonly Operation Operation = Operation.Of<VerifyUserAttributeRequest, Nothing, AccessTokenCheck, UserAttributes>(
        nameof(VerifyUserAttribute), Access.AccessToken,
        () => AccountJson.Default.VerifyUserAttributeRequest, () => ProtocolJson.Default.Nothing, Handle)
        .Renaming("TooManyFailedAttemptsException", "LimitExceededException");

    static async Task<Nothing> Handle(VerifyUserAttributeRequest request, CognitoCall call, AccessTokenCheck check, UserAttributes attributes)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        GetUserAttributeVerificationCode.MustBeChannel(request.AttributeName);
        await attributes.Verify(new(token.Pool, token.User!), request.AttributeName, request.Code);
        return Nothing.Value;
    }
}
