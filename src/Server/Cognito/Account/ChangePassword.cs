using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What ChangePassword takes; only users who have no password leave the previous one out.</summary>
public sealed record ChangePasswordRequest([Password] string ProposedPassword, [TokenText] string AccessToken, [Password] string? PreviousPassword = null);

/// <summary>Replaces users' passwords by their own hand; their sessions live on unless the pool says otherwise.</summary>
static class ChangePassword
{
    public static readonly Operation Operation = Operation.Of<ChangePasswordRequest, Nothing, AccessTokenCheck, SignIn.ChangePassword>(
        nameof(ChangePassword), Access.AccessToken,
        () => AccountJson.Default.ChangePasswordRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(ChangePasswordRequest request, CognitoCall call, AccessTokenCheck check, SignIn.ChangePassword passwords)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        if (request.PreviousPassword is null && token.User!.Credentials is not null)
            throw CognitoException.InvalidParameter("Missing required parameter PreviousPassword");
        await passwords.Change(token, request.PreviousPassword, request.ProposedPassword, call.Address, call.Cancel);
        return Nothing.Value;
    }
}
