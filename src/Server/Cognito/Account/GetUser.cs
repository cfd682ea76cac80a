using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Account;

/// <summary>What GetUser takes.</summary>
public sealed record GetUserRequest([TokenText] string AccessToken);

/// <summary>What GetUser gives; of the second factors nothing where there are none.</summary>
public sealed record GetUserResponse(
    string Username, IReadOnlyList<AttributeType> UserAttributes, string? PreferredMfaSetting, IReadOnlyList<string>? UserMFASettingList);

/// <summary>Shows users themselves, with the attributes that their client may read.</summary>
static class GetUser
{
    public static readonly Operation Operation = Operation.Of<GetUserRequest, GetUserResponse, AccessTokenCheck, FactorStore>(nameof(GetUser), Access.AccessToken,
        () => AccountJson.Default.GetUserRequest, () => AccountJson.Default.GetUserResponse, Handle);

    static async Task<GetUserResponse> Handle(GetUserRequest request, CognitoCall call, AccessTokenCheck check, FactorStore factors)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        var held = await factors.Get(token.Pool.Id, token.User!.Sub, call.Cancel);
        return new(
            token.User.Username, [.. AttributeType.Of(token.User).Where(attribute => token.Client.CanRead(attribute.Name))],
            held.Preferred, held.Enabled is { Count: > 0 } enabled ? enabled : null);
    }
}
