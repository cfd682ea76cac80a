using System.Globalization;

namespace Poolhouse.GuardChecks;

/// Measures on one thread what it is told on its standard input, one line for each: the name of a case and a number. Answers each
/// with a line of numbers. The folder of the argument holds real tokens and the keys of their issuer.
static class Program
{
    static async Task Main(string[] args)
    {
        var issued = Issued.Read(args[0]);
        await using var checks = new Checks(issued);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var (what, number) = line.Split(' ') is [var name, var text] ? (name, int.Parse(text, CultureInfo.InvariantCulture)) : (line, 0);
            double[] answer = what switch
            {
                "known" => [await checks.Known(revoked: number)],
                "cold" => await checks.Cold(),
                "set" => Sizes.RevokedSet(number),
                "remembered" => [await Sizes.Remembered(issued)],
                "load" => [await Sizes.Load(issued, number)],
                _ => throw new ArgumentException($"nothing to measure is called {what}"),
            };
            Console.WriteLine(string.Join(' ', answer.Select(one => one.ToString("R", CultureInfo.InvariantCulture))));
        }
    }
}

/// Real tokens, and what has to be known to check them.
/// <param name="Issuer">Their issuer.</param>
/// <param name="ClientId">Their app client.</param>
/// <param name="Sessions">How many sessions they come from; the first tokens are of one session each.</param>
/// <param name="Keys">The key set of the issuer.</param>
/// <param name="Tokens">The access tokens.</param>
sealed record Issued(string Issuer, string ClientId, int Sessions, byte[] Keys, string[] Tokens)
{
    /// Tokens of as many sessions, so that what a check reads is not always the same.
    public IEnumerable<string> Known => Tokens.Take(Sessions);

    public static Issued Read(string folder)
    {
        var about = File.ReadAllLines(Path.Combine(folder, "about"));
        return new(about[0], about[1], int.Parse(about[2], CultureInfo.InvariantCulture),
            File.ReadAllBytes(Path.Combine(folder, "keys.json")), File.ReadAllLines(Path.Combine(folder, "tokens")));
    }
}
