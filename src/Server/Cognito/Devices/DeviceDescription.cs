using System.Text.Json.Serialization;
using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Devices;

/// <summary>A device on the wire.</summary>
public sealed record DeviceDescription(
    string DeviceKey, IReadOnlyList<AttributeType> DeviceAttributes, double DeviceCreateDate, double DeviceLastModifiedDate, double DeviceLastAuthenticatedDate)
{
    public static DeviceDescription Of(Device device) => new(
        device.Key, Attributes(device), WireTime.Seconds(device.CreatedAt), WireTime.Seconds(device.ModifiedAt), WireTime.Seconds(device.AuthenticatedAt));

    static IReadOnlyList<AttributeType> Attributes(Device device) =>
    [
        new("device_status", device.Remembered ? "remembered" : "not_remembered"),
        .. device.Name is { } name ? (AttributeType[])[new("device_name", name)] : [],
        .. device.LastIp is { } address ? (AttributeType[])[new("last_ip_used", address)] : [],
    ];
}

/// <summary>A page of a user's devices.</summary>
public sealed record DevicesResponse(IReadOnlyList<DeviceDescription> Devices, string? PaginationToken);

/// <summary>One of a user's devices.</summary>
public sealed record DeviceResponse(DeviceDescription Device);

/// <summary>The records of this room.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ConfirmDeviceRequest))]
[JsonSerializable(typeof(ConfirmDeviceResponse))]
[JsonSerializable(typeof(GetDeviceRequest))]
[JsonSerializable(typeof(AdminGetDeviceRequest))]
[JsonSerializable(typeof(DeviceResponse))]
[JsonSerializable(typeof(ListDevicesRequest))]
[JsonSerializable(typeof(AdminListDevicesRequest))]
[JsonSerializable(typeof(DevicesResponse))]
[JsonSerializable(typeof(UpdateDeviceStatusRequest))]
[JsonSerializable(typeof(AdminUpdateDeviceStatusRequest))]
[JsonSerializable(typeof(ForgetDeviceRequest))]
[JsonSerializable(typeof(AdminForgetDeviceRequest))]
public sealed partial class DevicesJson : JsonSerializerContext;

/// <summary>What the two ways to each operation on devices have in common.</summary>
public sealed class UserDevices(Database database, DeviceStore devices, EndSessions end, PageTokens tokens)
{
    internal async Task<DeviceResponse> Get(UserPool pool, User user, string key, CancellationToken cancel)
    {
        MustTrack(pool);
        return new(DeviceDescription.Of(await devices.Find(pool.Id, user.Sub, key, cancel) ?? throw new RefusedException(Refusal.DeviceNotFound)));
    }

    internal async Task<DevicesResponse> List(UserPool pool, User user, int? limit, string? token, CancellationToken cancel)
    {
        MustTrack(pool);
        var (listing, size) = ($"devices/{pool.Id}/{user.Sub}", PageTokens.Size(limit));
        var read = await devices.List(pool.Id, user.Sub, tokens.Open(listing, token) ?? "", size + 1, cancel);
        var (page, next) = tokens.Cut(listing, read, size, device => device.Key);
        return new([.. page.Select(DeviceDescription.Of)], next);
    }

    internal async Task Remember(UserPool pool, User user, string key, string? status)
    {
        MustTrack(pool);
        if (!await database.Write(tx => DeviceStore.Remember(tx, pool.Id, user.Sub, key, status == "remembered"))) throw new RefusedException(Refusal.DeviceNotFound);
    }

    internal async Task Forget(UserPool pool, User user, string key)
    {
        MustTrack(pool);
        if (!await end.OfDevice(user, key)) throw new RefusedException(Refusal.DeviceNotFound);
    }

    internal static void MustTrack(UserPool pool)
    {
        if (!pool.TracksDevices) throw new CognitoException("InvalidUserPoolConfigurationException", "Device tracking is not enabled for this user pool.");
    }
}
