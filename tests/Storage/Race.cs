using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Races for whatever may happen once only.</summary>
public static class Race
{
    /// <summary>In every round all racers start together; exactly one may win.</summary>
    /// <param name="prepare">Makes the single-use thing of a round.</param>
    /// <param name="spend">Tries to spend it (round, racer); true for the winner.</param>
    public static async Task OneWinner(Func<int, Task> prepare, Func<int, int, Task<bool>> spend, int racers = 8, int rounds = 200)
    {
        for (var round = 0; round < rounds; round++)
        {
            await prepare(round);
            var results = await Together(racers, racer => spend(round, racer));
            var winners = results.Count(won => won);
            Assert.True(winners == 1, $"round {round}: {winners} of {racers} won");
        }
    }

    /// <summary>Runs all racers at the same moment, and returns what each got.</summary>
    public static async Task<T[]> Together<T>(int racers, Func<int, Task<T>> run)
    {
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var running = Enumerable.Range(0, racers).Select(async racer =>
        {
            await start.Task;
            return await run(racer);
        }).ToArray();
        start.SetResult();
        return await Task.WhenAll(running);
    }
}
