using System.Text.Json.Nodes;
using Poolhouse.Guard.Tests.Actors;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Guard.Tests.Servers;

/// <summary>A guard in front of a real server whose keys rotate, while somebody invents kids, so that it may not ask when it wants to.</summary>
public sealed class RotationTests
{
    static readonly TimeSpan Step = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Through_two_rotations_no_valid_token_is_refused()
    {
        await using var served = await ServedPool.Start();
        await using var guard = await served.Begin(served.NewGuard(RevocationSource.None));
        var tokens = new List<(DateTimeOffset Until, string Token)>();
        var faults = new List<string>();
        var kids = new HashSet<string>();
        for (var step = 0; step < 480; step++)
        {
            // Ten minutes are two refreshes of the guard's keys. One change falls on a step at which the guard may ask for a kid, one on a step at which it may not.
            if (step is 40 or 161) Assert.Equal(KeyRotation.Rotated, await served.Rotate(TimeSpan.FromMinutes(10)));
            tokens.Add((served.Clock.GetUtcNow().AddMinutes(59), (await served.SignIn()).Access));
            tokens.RemoveAll(one => one.Until < served.Clock.GetUtcNow());
            kids.Add(Kid(tokens[^1].Token));
            if ((await guard.CheckAsync(Invented(step, tokens[0].Token))).Refusal != GuardRefusal.UnknownKey) faults.Add($"step {step}: an invented kid");
            // The newest, the oldest that lives, and one between.
            foreach (var (_, token) in new[] { tokens[^1], tokens[0], tokens[tokens.Count / 2] })
                if (await guard.CheckAsync(token) is { Accepted: false } refused) faults.Add($"step {step}: {refused.Refusal}");
            served.Clock.Advance(Step);
            await Task.Delay(2);
        }
        Assert.Empty(faults);
        Assert.Equal(3, kids.Count);
    }

    static string Kid(string token) => (string)JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[0]))!["kid"]!;

    static string Invented(int number, string token) =>
        TokenForge.Encode($"{{\"kid\":\"invented-{number}\",\"alg\":\"RS256\"}}") + token[token.IndexOf('.', StringComparison.Ordinal)..];
}
