using Poolhouse.Core.Constraints;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Devices;

/// <summary>What AdminForgetDevice takes.</summary>
public sealed record AdminForgetDeviceRequest([PoolId] string UserPoolId, [Username] string Username, [DeviceKey] string DeviceKey);

/// <summary>Forgets one of a user's devices and ends the sessions that are bound to it.</summary>
static class AdminForgetDevice
{
    public static readonly Operation Operation = Operation.Of<AdminForgetDeviceRequest, Accounts, UserDevices>(
        nameof(AdminForgetDevice), Access.Iam, () => DevicesJson.Default.AdminForgetDeviceRequest, Handle);

    static async Task Handle(AdminForgetDeviceRequest request, CognitoCall call, Accounts accounts, UserDevices devices)
    {
        var pool = await call.Pool(request.UserPoolId);
        await devices.Forget(pool, await accounts.Get(pool, request.Username, call.Cancel), request.DeviceKey);
    }
}
