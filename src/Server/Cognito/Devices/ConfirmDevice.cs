using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Devices;

/// <summary>The SRP verifier by which a device will prove itself, made by the app from a password of its own.</summary>
public sealed record DeviceSecretVerifierConfig([Text] string? PasswordVerifier = null, [Text] string? Salt = null);

/// <summary>What ConfirmDevice takes.</summary>
public sealed record ConfirmDeviceRequest(
    [TokenText] string AccessToken, [DeviceKey] string DeviceKey, DeviceSecretVerifierConfig? DeviceSecretVerifierConfig = null, [Length(1, 1024)] string? DeviceName = null);

/// <summary>What ConfirmDevice gives: whether the user must be asked before the device is remembered.</summary>
public sealed record ConfirmDeviceResponse(bool UserConfirmationNecessary);

/// <summary>Takes a device's verifier; the device is remembered at once unless the pool leaves that to the user.</summary>
static class ConfirmDevice
{
    // PAD of a number below N has 385 bytes at the most, and a salt is short.
    const int LongestVerifier = 385, LongestSalt = 64;

    public static readonly Operation Operation = Operation.Of<ConfirmDeviceRequest, ConfirmDeviceResponse, AccessTokenCheck, DeviceStore>(
        nameof(ConfirmDevice), Access.AccessToken,
        () => DevicesJson.Default.ConfirmDeviceRequest, () => DevicesJson.Default.ConfirmDeviceResponse, Handle);

    static async Task<ConfirmDeviceResponse> Handle(ConfirmDeviceRequest request, CognitoCall call, AccessTokenCheck check, DeviceStore devices)
    {
        var token = await check.OfUser(request.AccessToken, Session.ApiScope, call.Cancel);
        UserDevices.MustTrack(token.Pool);
        var (verifier, salt) = (request.DeviceSecretVerifierConfig?.PasswordVerifier, request.DeviceSecretVerifierConfig?.Salt);
        var (verifierBytes, saltBytes) = (Bytes(verifier, LongestVerifier, "PasswordVerifier"), Bytes(salt, LongestSalt, "Salt"));
        var device = await devices.Find(token.Pool.Id, token.User!.Sub, request.DeviceKey, call.Cancel) ?? throw new RefusedException(Refusal.DeviceNotFound);
        var asks = token.Pool.Settings.DeviceConfiguration?.DeviceOnlyRememberedOnUserPrompt == true;
        if (!await call.Database.Write(tx => devices.Confirm(tx, device, saltBytes, verifierBytes, request.DeviceName, remembered: !asks)))
            throw new CognitoException("DeviceKeyExistsException", "The device has been confirmed before.");
        return new(asks);
    }

    static byte[] Bytes(string? text, int longest, string name)
    {
        var bytes = new byte[text?.Length ?? 0];
        return text is { Length: > 0 } && Convert.TryFromBase64String(text, bytes, out var length) && length is > 0 && length <= longest
            ? bytes[..length] : throw CognitoException.InvalidParameter($"{name} must be base64 of at most {longest} bytes.");
    }
}
