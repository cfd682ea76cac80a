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

    // A few milliseconds of checks that take thirty microseconds.
    const int Few = 100;

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
        var known = issued.Known.ToArray();
        return Median([.. Enumerable.Range(0, KnownPasses).Select(_ => Measure(known.Length, () =>
        {
            foreach (var token in known) MustPass(guard.CheckAsync(token));
        }))]);
    }

    /// Tokens that the guard has never seen (a new guard each time), the vetted verifier alone as an API without the guard would call it
    /// (signature, issuer, lifetime), and the arithmetic alone, on bytes that were taken apart before: in turn, a few tokens each, so that
    /// whatever else the machine does hits all alike.
    public async Task<double[]> Cold()
    {
        await using var guard = await FakeIssuer.Guard(issued, FakeIssuer.Snapshot(0));
        using var rsa = Key();
        var parts = issued.Tokens.ToDictionary(token => token, token => Jwt.TryRead(token, out var jwt) ? (jwt.Signed, jwt.Signature) : throw new InvalidOperationException("no JWT"));
        Action<string>[] checks =
        [
            token => MustPass(guard.CheckAsync(token)),
            token => MustBe(handler.ValidateTokenAsync(token, parameters).GetAwaiter().GetResult().IsValid),
            token => MustBe(parts[token] is var (signed, signature) && rsa.VerifyData(signed.Span, signature.Span, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)),
        ];
        var times = checks.Select(_ => new List<double>()).ToArray();
        GC.Collect();
        foreach (var (turn, few) in issued.Tokens.Chunk(Few).Index())
            for (var i = 0; i < checks.Length; i++)
            {
                // Who comes first brings the tokens into the processor's cache for the others: each does in turn.
                var one = (turn + i) % checks.Length;
                times[one].Add(Measure(few.Length, () => { foreach (var token in few) checks[one](token); }));
            }
        return [.. times.Select(Median)];
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

    static void MustBe(bool valid)
    {
        if (!valid) throw new InvalidOperationException("a good token was refused");
    }

    RSA Key()
    {
        Jwt.TryRead(issued.Tokens[0], out var first);
        var key = new JsonWebKeySet(Encoding.UTF8.GetString(issued.Keys)).Keys.Single(key => key.Kid == first.Kid);
        return RSA.Create(new RSAParameters { Modulus = Base64Url.DecodeFromChars(key.N), Exponent = Base64Url.DecodeFromChars(key.E) });
    }

    static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    static double Measure(int checks, Action work)
    {
        var before = Environment.CpuUsage.TotalTime;
        work();
        return (Environment.CpuUsage.TotalTime - before).TotalNanoseconds / checks;
    }
}
