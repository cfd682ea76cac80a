using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Devices;

/// <summary>What ForgetDevice takes.</summary>
public sealed record ForgetDeviceRequest([DeviceKey] string DeviceKey, [TokenText] string? AccessToken = null);

/// <summary>Forgets one of the caller's devices and ends the sessions that are bound to it.</summary>
static class ForgetDevice
{
    public static readonly Operation Operation = Operation.Of<ForgetDeviceRequest, AccessTokenCheck, UserDevices>(
        nameof(ForgetDevice), Access.AccessToken, () => DevicesJson.Default.ForgetDeviceRequest, Handle);

    static async Task Handle(ForgetDeviceRequest request, CognitoCall call, AccessTokenCheck check, UserDevices devices)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        await devices.Forget(token.Pool, token.User!, request.DeviceKey);
    }
}
