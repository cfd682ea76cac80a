using Poolhouse.Core;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What ResendConfirmationCode takes.</summary>
public sealed record ResendConfirmationCodeRequest : UserCall;

/// <summary>Sends the code of a sign-up again; the one before is dead.</summary>
static class ResendConfirmationCode
{
    public static readonly Operation Operation = Operation.Of<ResendConfirmationCodeRequest, CodeSent, SignIn.SignUp>(
        nameof(ResendConfirmationCode), Access.Unsigned,
        () => AccountJson.Default.ResendConfirmationCodeRequest, () => AccountJson.Default.CodeSent, Handle);

    static async Task<CodeSent> Handle(ResendConfirmationCodeRequest request, CognitoCall call, SignIn.SignUp signUp)
    {
        var (pool, client) = await request.Proven(call);
        try
        {
            return new(CodeDeliveryDetails.Of(await signUp.SendAgain(pool, client, request.Username, request.ClientMetadata, call.Cancel)));
        }
        catch (RefusedException refused) when (refused.Reason == Refusal.NoVerifiedChannel)
        {
            // The usual words for this reason speak of a forgotten password.
            throw CognitoException.InvalidParameter(pool.AutoVerifiedAttributes.Count == 0
                ? "Cannot resend codes. Auto verification not turned on."
                : "The user has none of the attributes that this user pool verifies.");
        }
    }
}
