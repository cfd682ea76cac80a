using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Devices;

/// <summary>What AdminUpdateDeviceStatus takes.</summary>
public sealed record AdminUpdateDeviceStatusRequest([PoolId] string UserPoolId, [Username] string Username, [DeviceKey] string DeviceKey, [OneOf("remembered", "not_remembered")] string? DeviceRememberedStatus = null);

/// <summary>Remembers one of a user's devices, or no longer.</summary>
static class AdminUpdateDeviceStatus
{
    public static readonly Operation Operation = Operation.Of<AdminUpdateDeviceStatusRequest, Nothing, Accounts, UserDevices>(
        nameof(AdminUpdateDeviceStatus), Access.Iam,
        () => DevicesJson.Default.AdminUpdateDeviceStatusRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(AdminUpdateDeviceStatusRequest request, CognitoCall call, Accounts accounts, UserDevices devices)
    {
        var pool = await call.Pool(request.UserPoolId);
        await devices.Remember(pool, await accounts.Get(pool, request.Username, call.Cancel), request.DeviceKey, request.DeviceRememberedStatus);
        return Nothing.Value;
    }
}
