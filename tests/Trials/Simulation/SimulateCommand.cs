using System.Diagnostics;

namespace Poolhouse.Trials.Simulation;

/// <summary>simulate: worlds out of one seed, one after the other, until so many steps were taken or so much time has passed.</summary>
static class SimulateCommand
{
    const long StepsOfOneWorld = 25_000;

    public static int Run(Arguments arguments)
    {
        var (seed, steps, seconds) = (arguments.Number("seed", 1), arguments.Number("steps", 100_000), arguments.Number("seconds", 600));
        var sabotage = Enum.Parse<Sabotage>(arguments.Text("sabotage", nameof(Sabotage.None)).Replace("-", "", StringComparison.Ordinal), ignoreCase: true);
        var (counts, began, chance) = (new Counts(), Stopwatch.GetTimestamp(), new Chance((ulong)seed));
        long done = 0, worlds = 0;
        ulong trace = 0;
        while (done < steps && Stopwatch.GetElapsedTime(began).TotalSeconds < seconds)
        {
            using var world = new World(chance.Next(), sabotage, counts);
            try
            {
                trace = trace * 31 + world.Run(Math.Min(StepsOfOneWorld, steps - done));
            }
            catch (Exception e)
            {
                Report.Write(("wrong", e is WrongException ? e.Message : e.ToString()), ("seed", seed), ("world", worlds), ("step", world.Agenda.Steps));
                return 1;
            }
            done += world.Agenda.Steps;
            worlds++;
        }
        Report.Write(("steps", done), ("worlds", worlds), ("rotations", counts.Refreshes), ("revocations", counts.Revocations), ("checks", counts.Checks), ("accepted", counts.Accepted),
            ("refused", counts.Refused), ("refused blind", counts.Blind), ("crashes", counts.Crashes), ("cuts", counts.Cuts), ("restored copies", counts.Restores),
            ("forgotten by a copy and accepted", counts.Forgotten), ("trace", trace.ToString("x16")));
        return 0;
    }
}
