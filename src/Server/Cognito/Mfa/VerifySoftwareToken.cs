using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Mfa;

/// <summary>What VerifySoftwareToken takes.</summary>
public sealed record VerifySoftwareTokenRequest(
    [Length(6, 6), Pattern("[0-9]+"), Sensitive] string UserCode,
    [TokenText] string? AccessToken = null,
    [SessionText] string? Session = null,
    [Text] string? FriendlyDeviceName = null);

/// <summary>What VerifySoftwareToken gives.</summary>
public sealed record VerifySoftwareTokenResponse(string Status, string? Session);

/// <summary>Puts an authenticator app into use that shows its first right code.</summary>
static class VerifySoftwareToken
{
    public static readonly Operation Operation = Operation.Of<VerifySoftwareTokenRequest, VerifySoftwareTokenResponse, SoftwareTokens>(
        nameof(VerifySoftwareToken), Access.AccessToken,
        () => MfaJson.Default.VerifySoftwareTokenRequest, () => MfaJson.Default.VerifySoftwareTokenResponse, Handle);

    static async Task<VerifySoftwareTokenResponse> Handle(VerifySoftwareTokenRequest request, CognitoCall call, SoftwareTokens tokens)
    {
        var session = (request.AccessToken, request.Session) switch
        {
            ({ } token, null) => await tokens.Verify(token, request.UserCode, request.FriendlyDeviceName, call.Cancel),
            (null, { } handle) => await tokens.Verify(handle, request.UserCode, request.FriendlyDeviceName, call.Address, call.Cancel),
            _ => throw CognitoException.InvalidParameter("Either AccessToken or Session must be given."),
        };
        return new("SUCCESS", session);
    }
}
