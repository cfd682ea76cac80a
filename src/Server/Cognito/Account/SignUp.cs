using Poolhouse.Core.Constraints;
using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What SignUp takes; who signs in by a code needs no password.</summary>
public sealed record SignUpRequest(
    [Password] string? Password = null, IReadOnlyList<AttributeType>? UserAttributes = null, IReadOnlyList<AttributeType>? ValidationData = null) : UserCall;

/// <summary>What SignUp gives; without details where no code was sent, and with a Session only for clients of USER_AUTH.</summary>
public sealed record SignUpResponse(bool UserConfirmed, string UserSub, CodeDeliveryDetails? CodeDeliveryDetails, string? Session);

/// <summary>Creates a user and sends the code that confirms, unless a function of the pool confirms at once.</summary>
static class SignUp
{
    public static readonly Operation Operation = Operation.Of<SignUpRequest, SignUpResponse, SignIn.SignUp>(nameof(SignUp), Access.Unsigned,
        () => AccountJson.Default.SignUpRequest, () => AccountJson.Default.SignUpResponse, Handle);

    static async Task<SignUpResponse> Handle(SignUpRequest request, CognitoCall call, SignIn.SignUp signUp)
    {
        var (pool, client) = await request.Proven(call);
        if (request.Password is null && !pool.SignsInWithoutPassword)
            throw CognitoException.InvalidParameter("1 validation error detected: Value at 'password' failed to satisfy constraint: Member must not be null");
        var validation = request.ValidationData is null ? null : AttributeType.Values(request.ValidationData);
        var form = new SignUpForm(request.Username, request.Password, AttributeType.Values(request.UserAttributes), validation, request.ClientMetadata);
        var (user, to, session) = await signUp.Start(pool, client, form, call.Cancel);
        return new(user.Status == UserStatus.Confirmed, user.Sub, to is null ? null : CodeDeliveryDetails.Of(to), session);
    }
}
