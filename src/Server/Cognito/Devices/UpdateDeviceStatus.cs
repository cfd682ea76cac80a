using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Devices;

/// <summary>What UpdateDeviceStatus takes.</summary>
public sealed record UpdateDeviceStatusRequest([TokenText] string AccessToken, [DeviceKey] string DeviceKey, [OneOf("remembered", "not_remembered")] string? DeviceRememberedStatus = null);

/// <summary>Remembers one of the caller's devices, or no longer.</summary>
static class UpdateDeviceStatus
{
    public static readonly Operation Operation = Operation.Of<UpdateDeviceStatusRequest, Nothing, AccessTokenCheck, UserDevices>(
        nameof(UpdateDeviceStatus), Access.AccessToken,
        () => DevicesJson.Default.UpdateDeviceStatusRequest, () => ProtocolJson.Default.Nothing, Handle);

    static async Task<Nothing> Handle(UpdateDeviceStatusRequest request, CognitoCall call, AccessTokenCheck check, UserDevices devices)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        await devices.Remember(token.Pool, token.User!, request.DeviceKey, request.DeviceRememberedStatus);
        return Nothing.Value;
    }
}
