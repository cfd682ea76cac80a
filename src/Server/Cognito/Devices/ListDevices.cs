using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Devices;

/// <summary>What ListDevices takes.</summary>
public sealed record ListDevicesRequest([TokenText] string AccessToken, [Range(0, 60)] int? Limit = null, [PageToken] string? PaginationToken = null);

/// <summary>Lists the caller's devices.</summary>
static class ListDevices
{
    public static readonly Operation Operation = Operation.Of<ListDevicesRequest, DevicesResponse, AccessTokenCheck, UserDevices>(
        nameof(ListDevices), Access.AccessToken,
        () => DevicesJson.Default.ListDevicesRequest, () => DevicesJson.Default.DevicesResponse, Handle);

    static async Task<DevicesResponse> Handle(ListDevicesRequest request, CognitoCall call, AccessTokenCheck check, UserDevices devices)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        return await devices.List(token.Pool, token.User!, request.Limit, request.PaginationToken, call.Cancel);
    }
}
