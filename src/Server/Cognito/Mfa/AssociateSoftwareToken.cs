using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Mfa;

/// <summary>What AssociateSoftwareToken takes: the token of a signed-in user, or the Session of one who must set an app up first.</summary>
public sealed record AssociateSoftwareTokenRequest([TokenText] string? AccessToken = null, [SessionText] string? Session = null);

/// <summary>What AssociateSoftwareToken gives: the secret for the authenticator app.</summary>
public sealed record AssociateSoftwareTokenResponse(string SecretCode, string? Session);

/// <summary>Begins to set up an authenticator app; the one in use stays until the new one has shown a code.</summary>
static class AssociateSoftwareToken
{
    public static readonly Operation Operation = Operation.Of<AssociateSoftwareTokenRequest, AssociateSoftwareTokenResponse, SoftwareTokens>(
        nameof(AssociateSoftwareToken), Access.AccessToken,
        () => MfaJson.Default.AssociateSoftwareTokenRequest, () => MfaJson.Default.AssociateSoftwareTokenResponse, Handle)
        .Renaming("UserNotFoundException", "NotAuthorizedException").Renaming("TooManyRequestsException", "ThrottlingException");

    static async Task<AssociateSoftwareTokenResponse> Handle(AssociateSoftwareTokenRequest request, CognitoCall call, SoftwareTokens tokens)
    {
        var (secret, session) = (request.AccessToken, request.Session) switch
        {
            ({ } token, null) => (await tokens.Offer(token, call.Cancel), null),
            (null, { } handle) => await tokens.Offer(handle, call.Address, call.Cancel),
            _ => throw CognitoException.InvalidParameter("Either AccessToken or Session must be given."),
        };
        return new(Totp.Text(secret), session);
    }
}
