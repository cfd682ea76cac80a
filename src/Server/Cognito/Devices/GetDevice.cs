using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Devices;

/// <summary>What GetDevice takes.</summary>
public sealed record GetDeviceRequest([DeviceKey] string DeviceKey, [TokenText] string? AccessToken = null);

/// <summary>Shows one of the caller's devices.</summary>
static class GetDevice
{
    public static readonly Operation Operation = Operation.Of<GetDeviceRequest, DeviceResponse, AccessTokenCheck, UserDevices>(
        nameof(GetDevice), Access.AccessToken,
        () => DevicesJson.Default.GetDeviceRequest, () => DevicesJson.Default.DeviceResponse, Handle);

    static async Task<DeviceResponse> Handle(GetDeviceRequest request, CognitoCall call, AccessTokenCheck check, UserDevices devices)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        return await devices.Get(token.Pool, token.User!, request.DeviceKey, call.Cancel);
    }
}
