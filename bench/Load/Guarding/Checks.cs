using System.Globalization;

namespace Poolhouse.Load.Guarding;

/// Nanoseconds of one check on one thread, for each case one number a round.
sealed class CheckTimes
{
    readonly Dictionary<string, List<double>> times = [];

    public IReadOnlyDictionary<string, List<double>> Times => times;

    public void Add(string name, double nanoseconds)
    {
        if (!times.TryGetValue(name, out var list)) times[name] = list = [];
        list.Add(nanoseconds);
    }

    /// The median over rounds of one beside another.
    public double Over(string name, string other) => times[name].Zip(times[other], (one, two) => one / two).Median();
}

/// The guard, the verifier that it is built on, and the one of AWS, on the same tokens: in every round each in turn.
sealed class Checks(Options options, Paths paths, IssuedTokens issued)
{
    public const int ManyRevoked = 1_000_000;
    public const string KnownMany = "guard, known token, 1,000,000 sessions revoked";
    public const string Unknown = "guard, token never seen";
    public const string Handler = "JsonWebTokenHandler";
    public const string BareRsa = "bare RSA-2048 verification";
    const int WarmUps = 6;

    public async Task<CheckTimes> Run()
    {
        await using var checks = Meter.Checks(paths, issued.Folder);
        await using var node = Meter.AwsJwtVerify(paths, issued.Folder);
        (string[] Names, Meter Meter, string What)[] cases =
        [
            (["guard, known token, nothing revoked"], checks, "known 0"),
            (["guard, known token, 1,000 sessions revoked"], checks, "known 1000"),
            ([KnownMany], checks, $"known {ManyRevoked}"),
            ([Unknown, Handler, BareRsa], checks, "cold"),
            (["aws-jwt-verify, Node"], node, "verify"),
        ];
        // A runtime compiles what is hot in several steps, each after many calls and some time.
        for (var i = 0; i < WarmUps; i++)
            foreach (var (_, meter, what) in cases) await meter.Ask(what);

        var times = new CheckTimes();
        for (var round = 1; round <= 2 * options.Rounds; round++) // they are short, and so there are more of them
            foreach (var (names, meter, what) in round % 2 == 0 ? cases : cases.Reverse())
                foreach (var (name, took) in names.Zip(await meter.Ask(what)))
                {
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round}  {took,9:F0} ns  {name}"));
                    times.Add(name, took);
                }
        return times;
    }
}

/// Bytes per revoked session for a size of the set, by the heap and by the set itself.
sealed record SetSize(int Revoked, double Heap, double Own);

/// What a guard holds.
sealed record GuardMemory(List<SetSize> Sets, double PerToken, double LoadMilliseconds, double SlowestLoad);

/// Measured in a process of its own, whose heap holds nothing else.
sealed class Memory(Options options, Paths paths, IssuedTokens issued)
{
    static readonly int[] Sizes = [10_000, 100_000, 1_000_000, 10_000_000];

    public async Task<GuardMemory> Run()
    {
        await using var meter = Meter.Checks(paths, issued.Folder);
        var sets = new List<SetSize>();
        foreach (var size in Sizes)
        {
            Console.Error.WriteLine($"a set of {size} revoked sessions");
            var bytes = await meter.Ask($"set {size}");
            sets.Add(new(size, bytes[0], bytes[1]));
        }
        var perToken = (await meter.Ask("remembered"))[0];
        var loads = new List<double>();
        for (var i = 0; i <= options.Rounds; i++)
        {
            var took = (await meter.Ask($"load {Checks.ManyRevoked}"))[0];
            if (i > 0) loads.Add(took);
        }
        return new(sets, perToken, loads.Median(), loads.Max());
    }
}
