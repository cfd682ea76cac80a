using System.Globalization;

namespace Poolhouse.Load;

/// What run.sh passes on: how long to measure, and which parts and contestants.
sealed record Options(
    int Rounds = 5, double Scale = 1, int Sessions = 1_000_000, bool Jit = false, string Parts = Options.AllParts, string Only = "")
{
    const string ServerParts = "refresh,start";
    const string GuardParts = "checks,memory,requests,revocations,readers";
    const string SignInParts = "signin";
    const string ScalingParts = "growth,nodes";
    const string AllParts = $"{ServerParts},{GuardParts},{SignInParts},{ScalingParts}";

    /// Connections of the closed loop, as the budget says.
    public const int Connections = 16;

    /// The core that the servers and the bare signatures run on, one at a time; the driver has the other.
    public const string ServerCore = "0";
    public const string DriverCore = "1";

    public static Options Read(string[] args)
    {
        var options = new Options();
        for (var i = 0; i < args.Length; i++)
        {
            string Value() => ++i < args.Length ? args[i] : throw new BenchException($"{args[i - 1]} needs a value");
            options = args[i] switch
            {
                "--rounds" => options with { Rounds = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--scale" => options with { Scale = double.Parse(Value(), CultureInfo.InvariantCulture) },
                "--sessions" => options with { Sessions = int.Parse(Value(), CultureInfo.InvariantCulture) },
                "--parts" => options with { Parts = Value() switch { "server" => ServerParts, "guard" => GuardParts, "scaling" => ScalingParts, var parts => parts } },
                "--only" => options with { Only = Value() },
                "--jit" => options with { Jit = true },
                var other => throw new BenchException(
                    $"unknown option {other}; there are --rounds N --scale X --sessions N --parts server|guard|scaling|{AllParts} --only name,name --jit"),
            };
        }
        return options;
    }

    /// What is kept as a page, and what its name ends with: only what is whole, all of it or all of the server, the guard, signing in or scaling; a look at one
    /// part must not overwrite it.
    public string? KeptAs => Only.Length > 0 || Scale < 1 ? null : Parts switch { AllParts => "", ServerParts => "-server", GuardParts => "-guard", SignInParts => "-signin", ScalingParts => "-scaling", _ => null };

    public bool Has(string part) => Parts.Split(',').Contains(part);

    public bool HasGuard => GuardParts.Split(',').Any(Has);
    public bool HasSignIn => Has(SignInParts);
    public bool HasScaling => ScalingParts.Split(',').Any(Has);
    public bool HasServer => ServerParts.Split(',').Any(Has);

    public bool Wants(string contestant) =>
        Only.Length == 0 || Only.Split(',').Any(name => contestant.StartsWith(name, StringComparison.OrdinalIgnoreCase));
}
