using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What GetUser takes.</summary>
public sealed record GetUserRequest([TokenText] string AccessToken);

/// <summary>What GetUser gives.</summary>
public sealed record GetUserResponse(string Username, IReadOnlyList<AttributeType> UserAttributes);

/// <summary>Shows users themselves, with the attributes that their client may read.</summary>
static class GetUser
{
    public static readonly Operation Operation = Operation.Of<GetUserRequest, GetUserResponse, AccessTokenCheck>(nameof(GetUser), Access.AccessToken,
        () => AccountJson.Default.GetUserRequest, () => AccountJson.Default.GetUserResponse, Handle);

    static async Task<GetUserResponse> Handle(GetUserRequest request, CognitoCall call, AccessTokenCheck check)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        return new(token.User!.Username, [.. AttributeType.Of(token.User).Where(attribute => token.Client.CanRead(attribute.Name))]);
    }
}
