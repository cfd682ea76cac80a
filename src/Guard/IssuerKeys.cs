using System.Collections.Frozen;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Tokens;

namespace Poolhouse.Guard;

/// <summary>One key of the issuer with the one algorithm that it may be used with; the header of a token has no say in that (RFC 8725 §3.1).</summary>
sealed record IssuerKey(string Kid, string Algorithm, SecurityKey Key);

/// <summary>
/// The issuer's keys. Fetched ahead of use, again at intervals, and for a <c>kid</c> that is not known, but then at most once in
/// 30 s and by one caller for all, so that a flood of invented kids is no flood at the issuer. While the issuer is away the last
/// good set serves.
/// </summary>
sealed class IssuerKeys(Uri address, HttpClient http, TimeSpan interval, TimeProvider time, GuardLog log)
{
    static readonly TimeSpan CoolDown = TimeSpan.FromSeconds(30);
    static readonly TimeSpan RetryWithout = TimeSpan.FromSeconds(1);
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    readonly Lock access = new();
    FrozenDictionary<string, IssuerKey>? keys;
    Task fetching = Task.CompletedTask;
    long askedAt;
    bool asked;

    /// <summary>Called with the new key set, as it came, after it was taken; the flag says that a key is no longer there.</summary>
    public Action<byte[], bool> Changed { get; set; } = (_, _) => { };

    public bool Any => Volatile.Read(ref keys) is not null;

    /// <summary>A key that is known.</summary>
    public IssuerKey? Find(string kid) => Volatile.Read(ref keys) is { } known && known.TryGetValue(kid, out var key) ? key : null;

    /// <summary>Waits for a fetch, if one is due because of a kid that is not known.</summary>
    public async Task Refetch(CancellationToken cancel)
    {
        // With no keys at all every second counts; with some, a kid that is not among them is most likely invented.
        await Due(Any ? CoolDown : RetryWithout).WaitAsync(cancel);
    }

    /// <summary>Keeps the set up to date until it is cancelled.</summary>
    public async Task Keep(CancellationToken cancel)
    {
        while (true)
        {
            await Due(TimeSpan.Zero);
            await Task.Delay(Any ? interval : RetryWithout, time, cancel);
        }
    }

    /// <summary>Takes a key set that an earlier process has kept, if there is no newer one.</summary>
    public void Restore(byte[] json)
    {
        try
        {
            if (!Any) Take(json);
        }
        catch (Exception e)
        {
            // A file that somebody has damaged must not keep the API from starting.
            log.KeysNotRestored(e);
        }
    }

    Task Due(TimeSpan coolDown)
    {
        lock (access)
        {
            if (!fetching.IsCompleted) return fetching;
            if (asked && time.GetElapsedTime(askedAt) < coolDown) return Task.CompletedTask;
            (asked, askedAt) = (true, time.GetTimestamp());
            return fetching = Fetch();
        }
    }

    async Task Fetch()
    {
        try
        {
            // All who wait for a key wait for this one: an issuer that never answers must not be waited for.
            using var patience = new CancellationTokenSource(Patience, time);
            var json = await http.GetByteArrayAsync(address, patience.Token);
            var gone = Take(json);
            Changed(json, gone);
        }
        catch (Exception e)
        {
            // Whatever is wrong with this answer, the last good set is better.
            log.KeysNotFetched(e, address, Any);
        }
    }

    // True if a key that was there no longer is.
    bool Take(byte[] json)
    {
        var taken = Read(json);
        if (taken.Count == 0) throw new InvalidDataException("The key set holds no key that can be used.");
        var before = Interlocked.Exchange(ref keys, taken);
        if (before is null || !before.Keys.ToHashSet(StringComparer.Ordinal).SetEquals(taken.Keys)) log.KeysTaken(taken.Count, address);
        return before is not null && before.Values.Any(old => !taken.TryGetValue(old.Kid, out var now) || !IsSame(old, now));
    }

    static bool IsSame(IssuerKey one, IssuerKey other) => one.Algorithm == other.Algorithm && one.Key.ComputeJwkThumbprint().AsSpan().SequenceEqual(other.Key.ComputeJwkThumbprint());

    // Only public members are looked at, never x5c, x5u or jku: a certificate proves nothing here.
    static FrozenDictionary<string, IssuerKey> Read(byte[] json)
    {
        var set = new Dictionary<string, IssuerKey>(StringComparer.Ordinal);
        foreach (var jwk in new JsonWebKeySet(System.Text.Encoding.UTF8.GetString(json)).Keys)
            if (jwk.Kid is { Length: > 0 } && jwk.Use is null or "" or "sig" && Usable(jwk) is { } key) set[jwk.Kid] = key;
        return set.ToFrozenDictionary(StringComparer.Ordinal);
    }

    // RFC 7517 §5: a key with a member that is missing or out of its range is left out, and does not take the others with it.
    static IssuerKey? Usable(JsonWebKey jwk)
    {
        try
        {
            return Key(jwk);
        }
        catch (Exception e) when (e is FormatException or ArgumentException or CryptographicException)
        {
            return null;
        }
    }

    static IssuerKey? Key(JsonWebKey jwk)
    {
        // Amazon and Poolhouse name the algorithm; a set that does not means the usual one of the key's type.
        var algorithm = jwk.Alg is { Length: > 0 } named ? named : jwk.Kty switch { "RSA" => SecurityAlgorithms.RsaSha256, "EC" => SecurityAlgorithms.EcdsaSha256, _ => "" };
        return jwk.Kty switch
        {
            "RSA" when algorithm is SecurityAlgorithms.RsaSha256 or SecurityAlgorithms.RsaSha384 or SecurityAlgorithms.RsaSha512 => Rsa(jwk, algorithm),
            "EC" when algorithm is SecurityAlgorithms.EcdsaSha256 or SecurityAlgorithms.EcdsaSha384 or SecurityAlgorithms.EcdsaSha512 => Ec(jwk, algorithm),
            _ => null,
        };
    }

    static IssuerKey? Rsa(JsonWebKey jwk, string algorithm)
    {
        var modulus = Base64UrlEncoder.DecodeBytes(jwk.N);
        // NIST SP 800-131A: shorter keys can be factored.
        return modulus.Length < 256 ? null
            : new(jwk.Kid, algorithm, new RsaSecurityKey(new RSAParameters { Modulus = modulus, Exponent = Base64UrlEncoder.DecodeBytes(jwk.E) }) { KeyId = jwk.Kid });
    }

    static IssuerKey? Ec(JsonWebKey jwk, string algorithm)
    {
        ECCurve? curve = (jwk.Crv, algorithm) switch
        {
            ("P-256", SecurityAlgorithms.EcdsaSha256) => ECCurve.NamedCurves.nistP256,
            ("P-384", SecurityAlgorithms.EcdsaSha384) => ECCurve.NamedCurves.nistP384,
            ("P-521", SecurityAlgorithms.EcdsaSha512) => ECCurve.NamedCurves.nistP521,
            _ => null,
        };
        if (curve is not { } named) return null;
        var point = new ECPoint { X = Base64UrlEncoder.DecodeBytes(jwk.X), Y = Base64UrlEncoder.DecodeBytes(jwk.Y) };
        return new(jwk.Kid, algorithm, new ECDsaSecurityKey(ECDsa.Create(new ECParameters { Curve = named, Q = point })) { KeyId = jwk.Kid });
    }
}
