using System.Globalization;
using Poolhouse.Load.Guarding;
using Poolhouse.Load.Scaling;
using Poolhouse.Load.SigningIn;

namespace Poolhouse.Load;

/// One promise of the design: what, how much, what came out. `AtLeast` says which side of the limit is good.
sealed record Budget(string What, double Limit, string Unit, double? Measured, bool AtLeast = false)
{
    public string Row => string.Create(CultureInfo.InvariantCulture,
        $"| {What} | {(AtLeast ? "≥" : "≤")} {Limit:0.##}{Unit} | {(Measured is { } m ? $"{m:0.00}{Unit}" : "–")} | {Verdict} |");

    string Verdict => Measured is not { } m ? "not measured" : (AtLeast ? m >= Limit : m <= Limit) ? "met" : "**not met**";
}

/// The budgets that this bench can judge.
static class Budgets
{
    public static IEnumerable<Budget> Of(Results results, Options options) =>
        [.. options.HasServer ? OfServer(results) : [], .. options.HasGuard ? OfGuard(results.Guard!) : [],
        .. options.HasSignIn ? OfSignIn(results.SignIn!) : [], .. options.HasScaling ? OfScaling(results.Scaling!) : []];

    static Budget[] OfServer(Results results)
    {
        var (race, unpinned) = (results.Race, results.Unpinned);
        // The start-up and memory promises are the native executable's.
        var native = results.Native ? results.Starts.FirstOrDefault(start => start.Name == Field.Steady) : null;
        return
        [
            new("CPU of a refresh, rotation off, beside two bare signatures", 1.15, " ×", race?.OverBare(Field.Steady)),
            new("CPU of a refresh, rotation on, durable SQLite, beside two bare signatures", 1.40, " ×", race?.OverBare(Field.Rotating)),
            new("CPU of a refresh, rotation off, PostgreSQL, beside two bare signatures", 1.15, " ×", race?.OverBare(Field.SteadyOnPostgres)),
            new("CPU of a refresh, rotation on, PostgreSQL, beside two bare signatures", 1.40, " ×", race?.OverBare(Field.RotatingOnPostgres)),
            new("CPU of a refresh, rotation off, PostgreSQL, beside two bare signatures and one bare read", 1.15, " ×", race?.OverBareAndRead(Field.SteadyOnPostgres)),
            new("refreshes per second beside oidc-provider, rotation off", 1.3, " ×", unpinned?.Faster(Field.Steady, Field.OidcProvider), AtLeast: true),
            new("refreshes per second beside cognito-local, rotation off", 8, " ×", unpinned?.Faster(Field.Steady, Field.CognitoLocal), AtLeast: true),
            new("refreshes per second beside OpenIddict, rotation off", 12, " ×", unpinned?.Faster(Field.Steady, Field.OpenIddict), AtLeast: true),
            new("refreshes per second beside OpenIddict, rotation on", 12, " ×", unpinned?.Faster(Field.Rotating, Field.OpenIddictRolling), AtLeast: true),
            new("start on existing data to first answer, native", 100, " ms", native?.Milliseconds),
            new("idle memory, native", 60, " MB", native?.IdleMegabytes),
        ];
    }

    static Budget[] OfGuard(GuardResults results) =>
    [
        // 1.5 µs where a bare verification takes 17: what a machine makes of a microsecond is its own affair.
        new("guard, known token, 1,000,000 sessions revoked, beside a bare RSA verification", 0.088, " ×", results.Checks?.Over(Checks.KnownMany, Checks.BareRsa)),
        new("guard, token never seen, beside JsonWebTokenHandler", 1.15, " ×", results.Checks?.Over(Checks.Unknown, Checks.Handler)),
        .. results.Delays.Select(delays => new Budget($"revocation to first refusal, p99; {delays.Name}", 100, " ms", delays.P99)),
        .. results.Delays.Select(delays => new Budget($"wrong answers of the guards; {delays.Name}", 0, "", delays.Wrong)),
    ];

    static Budget[] OfScaling(ScalingResults results) =>
    [
        .. from store in results.Stores
           from operation in (string[])["refresh, rotation off", "refresh, rotation on"]
           select new Budget($"{operation}: p50 with {store.Sides[^1].Size:N0} users and sessions beside that with {store.Sides[0].Size:N0}; {store.Name}", 1.1, " ×", store.P50Ratio(operation)),
    ];

    static Budget[] OfSignIn(SignInResults results) =>
    [
        .. results.Floods.SelectMany(server => server.Flooded.Select(flooded =>
            new Budget($"p99 of refreshes during {flooded.Name} beside that in quiet; server on {server.Place}", 2, " ×", server.Over(flooded)))),
        new($"wrong codes that were looked at, of {results.Guesses.Sent:N0} at once", 5, "", results.Guesses.Evaluated),
    ];
}
