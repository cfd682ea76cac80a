using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Poolhouse.Guard;
using Poolhouse.Tokens;

namespace Poolhouse.GuardChecks;

/// Nanoseconds of CPU per check. Of the whole process, so that what the garbage collector does on threads of its own counts too.
sealed class Checks(Issued issued) : IAsyncDisposable
{
    // About a third of a second of checks that take a microsecond.
    const int KnownPasses = 300;

    readonly Dictionary<int, CognitoGuard> guards = [];
    readonly JsonWebTokenHandler handler = new();
    readonly TokenValidationParameters parameters = new()
    {
        ValidIssuer = issued.Issuer,
        IssuerSigningKeys = new JsonWebKeySet(Encoding.UTF8.GetString(issued.Keys)).GetSigningKeys(),
        ValidateAudience = false,
    };

    /// Tokens that the guard has seen before, with so many revoked sessions in its set.
    public async Task<double> Known(int revoked)
    {
        if (!guards.TryGetValue(revoked, out var guard))
        {
            guards[revoked] = guard = await FakeIssuer.Guard(issued, FakeIssuer.Snapshot(revoked));
            if (guard.Status.Entries != revoked) throw new InvalidOperationException("the guard has not heard of all revocations");
            foreach (var token in issued.Known) await guard.CheckAsync(token);
        }
        return Measure(issued.Sessions * KnownPasses, () =>
        {
            for (var pass = 0; pass < KnownPasses; pass++)
                foreach (var token in issued.Known) MustPass(guard.CheckAsync(token));
        });
    }

    /// Tokens that the guard has never seen: a new guard each time.
    public async Task<double> Unknown()
    {
        await using var guard = await FakeIssuer.Guard(issued, FakeIssuer.Snapshot(0));
        return Measure(issued.Tokens.Length, () =>
        {
            foreach (var token in issued.Tokens) MustPass(guard.CheckAsync(token));
        });
    }

    /// The vetted verifier alone, as an API without the guard would call it: signature, issuer, lifetime.
    public Task<double> Handler() => Task.FromResult(Measure(issued.Tokens.Length, () =>
    {
        foreach (var token in issued.Tokens)
            if (!handler.ValidateTokenAsync(token, parameters).GetAwaiter().GetResult().IsValid) throw new InvalidOperationException("a good token was refused");
    }));

    /// The limit that no check of a signature can get under: the arithmetic, on bytes that were taken apart before.
    public double BareRsa()
    {
        Jwt.TryRead(issued.Tokens[0], out var first);
        var key = new JsonWebKeySet(Encoding.UTF8.GetString(issued.Keys)).Keys.Single(key => key.Kid == first.Kid);
        using var rsa = RSA.Create(new RSAParameters { Modulus = Base64Url.DecodeFromChars(key.N), Exponent = Base64Url.DecodeFromChars(key.E) });
        var parts = issued.Tokens.Select(token => Jwt.TryRead(token, out var jwt) ? jwt : throw new InvalidOperationException("no JWT")).ToArray();
        return Measure(parts.Length, () =>
        {
            foreach (var jwt in parts)
                if (!rsa.VerifyData(jwt.Signed.Span, jwt.Signature.Span, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1))
                    throw new InvalidOperationException("a good signature was refused");
        });
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var guard in guards.Values) await guard.DisposeAsync();
    }

    static void MustPass(ValueTask<GuardResult> check)
    {
        // Neither a known token nor an unknown one has anything to wait for.
        if (!check.IsCompletedSuccessfully) throw new InvalidOperationException("a check did not complete by itself");
        if (!check.Result.Accepted) throw new InvalidOperationException($"a good token was refused: {check.Result.Refusal}");
    }

    static double Measure(int checks, Action work)
    {
        // What the case before has left behind is not this one's to clear away.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Environment.CpuUsage.TotalTime;
        work();
        return (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / checks;
    }
}
