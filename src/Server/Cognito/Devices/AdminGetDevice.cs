using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Devices;

/// <summary>What AdminGetDevice takes.</summary>
public sealed record AdminGetDeviceRequest([DeviceKey] string DeviceKey, [PoolId] string UserPoolId, [Username] string Username);

/// <summary>Shows one of a user's devices.</summary>
static class AdminGetDevice
{
    public static readonly Operation Operation = Operation.Of<AdminGetDeviceRequest, DeviceResponse, Accounts, UserDevices>(
        nameof(AdminGetDevice), Access.Iam,
        () => DevicesJson.Default.AdminGetDeviceRequest, () => DevicesJson.Default.DeviceResponse, Handle)
        .Renaming("UserNotFoundException", "ResourceNotFoundException");

    static async Task<DeviceResponse> Handle(AdminGetDeviceRequest request, CognitoCall call, Accounts accounts, UserDevices devices)
    {
        var pool = await call.Pool(request.UserPoolId);
        return await devices.Get(pool, await accounts.Get(pool, request.Username, call.Cancel), request.DeviceKey, call.Cancel);
    }
}
