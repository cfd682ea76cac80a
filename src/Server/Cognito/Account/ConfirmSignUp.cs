using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What ConfirmSignUp takes; the Session belongs to sign-in without a password and is not looked at.</summary>
public sealed record ConfirmSignUpRequest(
    [ConfirmationCode] string ConfirmationCode, bool? ForceAliasCreation = null, [SessionText] string? Session = null) : UserCall;

/// <summary>Confirms a sign-up by its code.</summary>
static class ConfirmSignUp
{
    public static readonly Operation Operation = Operation.Of<ConfirmSignUpRequest, Nothing, SignIn.SignUp>(nameof(ConfirmSignUp), Access.Unsigned,
        () => AccountJson.Default.ConfirmSignUpRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(ConfirmSignUpRequest request, CognitoCall call, SignIn.SignUp signUp)
    {
        var (pool, client) = await request.Proven(call);
        await signUp.Confirm(pool, client, request.Username, request.ConfirmationCode, request.ForceAliasCreation == true, request.ClientMetadata, call.Cancel);
        return Nothing.Value;
    }
}
