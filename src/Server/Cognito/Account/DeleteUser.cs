using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What DeleteUser takes.</summary>
public sealed record DeleteUserRequest([TokenText] string AccessToken);

/// <summary>Deletes the caller's own account and ends every session, at the hosted pages too.</summary>
static class DeleteUser
{
    public static readonly Operation Operation = Operation.Of<DeleteUserRequest, AccessTokenCheck, EndSessions>(nameof(DeleteUser), Access.AccessToken,
        () => AccountJson.Default.DeleteUserRequest, Handle);

    static async Task Handle(DeleteUserRequest request, CognitoCall call, AccessTokenCheck check, EndSessions end) =>
        await end.Delete((await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel)).User!);
}
