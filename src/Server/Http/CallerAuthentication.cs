using System.Globalization;
using Poolhouse.Core;
using Poolhouse.Core.Keys;
using Poolhouse.Storage;

namespace Poolhouse.Server.Http;

/// <summary>Why a signature was refused.</summary>
public enum SignatureFault
{
    Missing,
    Malformed,
    OutOfTime,
    ForeignScope,
    HeaderNotSigned,
    PayloadNotSigned,
    UnknownKey,
    Mismatch,
}

/// <summary>A signature was refused; the surface words it.</summary>
/// <param name="fault">The fault.</param>
/// <param name="detail">What it is about; never a secret.</param>
public sealed class SignatureException(SignatureFault fault, string? detail = null) : Exception(fault.ToString())
{
    public SignatureFault Fault { get; } = fault;

    public string? Detail { get; } = detail;
}

/// <summary>How signatures are treated.</summary>
/// <param name="Emulator">Whether any well-formed signature passes; only `poolhouse dev` sets it.</param>
/// <param name="Regions">The regions whose credential scopes are accepted; empty means any.</param>
public sealed record SignatureOptions(bool Emulator = false, IReadOnlyList<string>? Regions = null);

/// <summary>Finds out who signed a call: SigV4 against the access keys of the database, step by step.</summary>
public sealed class CallerAuthentication(SignatureOptions options, AccessKeyStore keys, TimeProvider time)
{
    const string Service = "cognito-idp";
    static readonly TimeSpan Skew = TimeSpan.FromMinutes(5);

    /// <summary>An unknown key is verified against this one, so that its refusal takes as long.</summary>
    readonly Secret dummy = new(Ids.Handle());

    /// <summary>The caller, or a <see cref="SignatureException"/>.</summary>
    public async Task<Caller> Authenticate(SignedRequest request, CancellationToken cancel)
    {
        if (request.Header("authorization") is not { Length: > 0 } authorization)
            throw new SignatureException(request.Query.Contains("X-Amz-Signature", StringComparison.OrdinalIgnoreCase)
                ? SignatureFault.Malformed : SignatureFault.Missing);
        var claim = SigV4.Parse(authorization) ?? throw new SignatureException(SignatureFault.Malformed);
        if (claim.Service != Service) throw new SignatureException(SignatureFault.ForeignScope, claim.Service);
        if (options.Emulator) return new(claim.KeyId, claim.Region, AccessPolicy.Everything);

        CheckClaim(claim, request);
        var key = await keys.Find(claim.KeyId, cancel);
        var matches = SigV4.Matches(claim, request, key?.Secret ?? dummy);
        // Session tokens are issued by nobody here: a key that comes with one is not one of ours.
        if (key is null || request.Header("x-amz-security-token") is not null) throw new SignatureException(SignatureFault.UnknownKey);
        return matches ? new(key.Id, claim.Region, key.Policy) : throw new SignatureException(SignatureFault.Mismatch);
    }

    void CheckClaim(SignatureClaim claim, SignedRequest request)
    {
        if (SigV4.DateOf(request) is not { } date) throw new SignatureException(SignatureFault.Malformed);
        if (date.ToString("yyyyMMdd", CultureInfo.InvariantCulture) != claim.Date) throw new SignatureException(SignatureFault.ForeignScope, claim.Date);
        if ((time.GetUtcNow() - date).Duration() > Skew) throw new SignatureException(SignatureFault.OutOfTime, request.Header("x-amz-date"));
        if (options.Regions is { Count: > 0 } regions && !regions.Contains(claim.Region))
            throw new SignatureException(SignatureFault.ForeignScope, claim.Region);
        if (SigV4.Unsigned(claim, request) is { } header) throw new SignatureException(SignatureFault.HeaderNotSigned, header);
        if (request.Header("x-amz-content-sha256") is { } hash && !hash.All(char.IsAsciiHexDigit))
            throw new SignatureException(SignatureFault.PayloadNotSigned);
    }
}
