using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What ConfirmSignUp takes; the Session is what the sign-up gave.</summary>
public sealed record ConfirmSignUpRequest(
    [ConfirmationCode] string ConfirmationCode, bool? ForceAliasCreation = null, [SessionText] string? Session = null) : UserCall;

/// <summary>What ConfirmSignUp gives: for the Session of the sign-up, one with which USER_AUTH goes on without another first factor.</summary>
public sealed record ConfirmSignUpResponse(string? Session);

/// <summary>Confirms a sign-up by its code.</summary>
static class ConfirmSignUp
{
    public static readonly Operation Operation = Operation.Of<ConfirmSignUpRequest, ConfirmSignUpResponse, SignIn.SignUp>(nameof(ConfirmSignUp), Access.Unsigned,
        () => AccountJson.Default.ConfirmSignUpRequest, () => AccountJson.Default.ConfirmSignUpResponse, Handle);

    static async Task<ConfirmSignUpResponse> Handle(ConfirmSignUpRequest request, CognitoCall call, SignIn.SignUp signUp)
    {
        var (pool, client) = await request.Proven(call);
        var given = new Confirmation(request.Username, request.ConfirmationCode, request.ForceAliasCreation == true, request.Session, request.ClientMetadata);
        return new((await signUp.Confirm(pool, client, given, call.Cancel)).Session);
    }
}
