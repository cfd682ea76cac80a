using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Devices;

/// <summary>What AdminListDevices takes.</summary>
public sealed record AdminListDevicesRequest([PoolId] string UserPoolId, [Username] string Username, [Range(0, 60)] int? Limit = null, [PageToken] string? PaginationToken = null);

/// <summary>Lists a user's devices.</summary>
static class AdminListDevices
{
    public static readonly Operation Operation = Operation.Of<AdminListDevicesRequest, DevicesResponse, Accounts, UserDevices>(
        nameof(AdminListDevices), Access.Iam,
        () => DevicesJson.Default.AdminListDevicesRequest, () => DevicesJson.Default.DevicesResponse, Handle)
        .Renaming("UserNotFoundException", "ResourceNotFoundException");

    static async Task<DevicesResponse> Handle(AdminListDevicesRequest request, CognitoCall call, Accounts accounts, UserDevices devices)
    {
        var pool = await call.Pool(request.UserPoolId);
        return await devices.List(pool, await accounts.Get(pool, request.Username, call.Cancel), request.Limit, request.PaginationToken, call.Cancel);
    }
}
