using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>What GetSigningCertificate takes.</summary>
public sealed record GetSigningCertificateRequest([PoolId] string UserPoolId);

/// <summary>What GetSigningCertificate gives: DER in base64, without the lines around it.</summary>
public sealed record GetSigningCertificateResponse(string Certificate);

/// <summary>Shows a certificate over the key that signs what the pool says of its users' identity; the same at every call until the keys are rotated.</summary>
static class GetSigningCertificate
{
    const int Years = 10;

    public static readonly Operation Operation = Operation.Of<GetSigningCertificateRequest, GetSigningCertificateResponse, SigningKeyStore>(
        nameof(GetSigningCertificate), Access.Iam,
        () => PoolsJson.Default.GetSigningCertificateRequest, () => PoolsJson.Default.GetSigningCertificateResponse, Handle)
        .Renaming("TooManyRequestsException", "ThrottlingException");

    static async Task<GetSigningCertificateResponse> Handle(GetSigningCertificateRequest request, CognitoCall call, SigningKeyStore keys)
    {
        var pool = await call.Pool(request.UserPoolId);
        var held = await keys.Signing(pool.Id);
        var from = DateTimeOffset.FromUnixTimeMilliseconds(held.CreatedAt);
        return new(Convert.ToBase64String(held.Id.Certificate(pool.Id, from, from.AddYears(Years))));
    }
}
