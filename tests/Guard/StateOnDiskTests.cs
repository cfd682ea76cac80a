using System.Diagnostics;
using Poolhouse.Guard.Tests.Actors;
using Poolhouse.Tokens.Revocations;
using Xunit;

namespace Poolhouse.Guard.Tests;

/// <summary>What a guard keeps: an API that starts while the issuer is away serves with it, within the same bounds as one that never stopped.</summary>
public sealed class StateOnDiskTests : IDisposable
{
    readonly string directory = Directory.CreateTempSubdirectory("poolhouse-guard-").FullName;
    readonly string revoked = TokenForge.NewSession();

    // When what was kept was proven: a start takes as much of the guard's time as the machine is slow.
    DateTimeOffset proven = GuardPost.NewClock().GetUtcNow();

    string Keys => Path.Combine(directory, "keys.bin");

    string Revocations => Path.Combine(directory, "revocations.bin");

    [Theory]
    [InlineData(30, 200, RevocationState.Stale)]
    [InlineData(61, 503, RevocationState.Blind)]
    [InlineData(86_400, 503, RevocationState.Blind)]
    public async Task An_api_that_starts_while_the_issuer_is_away_serves_within_the_bound(int secondsLater, int status, RevocationState state)
    {
        await Kept();
        await using var post = await Again(secondsLater);
        Assert.Equal((true, state, 1), (post.Status.HasKeys, post.Status.Revocations, post.Status.Entries));
        Assert.Equal((status, 401), ((await post.Check(post.Forge.Access())).StatusCode, (await post.Check(post.Forge.Access(revoked))).StatusCode));
    }

    [Fact]
    public async Task It_goes_on_from_what_it_kept_when_the_issuer_comes_back()
    {
        await Kept();
        var clock = Clock(3600);
        await using var post = await GuardPost.Start(clock, new FakeIssuer(clock), Options, issuer => { issuer.Feed.Add(revoked); issuer.Feed.Add(TokenForge.NewSession()); });
        Assert.Equal((0, 2, RevocationState.Fresh), (post.Feed.Snapshots, post.Status.Entries, post.Status.Revocations));
        Assert.Equal(200, (await post.Check(post.Forge.Access())).StatusCode);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task A_wall_clock_that_is_set_after_the_start_makes_old_knowledge_no_younger(int hours)
    {
        await Kept();
        await using var post = await Again(30);
        post.Wall.Ahead = TimeSpan.FromHours(hours);
        Assert.Equal(SinceProof(post), post.Status.Lag!.Value.TotalSeconds, 0.1);
    }

    [Fact]
    public async Task A_proof_of_tomorrow_proves_nothing()
    {
        await Kept();
        await using var post = await Again(30, wall => wall.Ahead = TimeSpan.FromHours(-1));
        Assert.Equal((RevocationState.Blind, 1), (post.Status.Revocations, post.Status.Entries));
        Assert.Equal((503, 401), ((await post.Check(post.Forge.Access())).StatusCode, (await post.Check(post.Forge.Access(revoked))).StatusCode));
    }

    [Fact]
    public async Task A_machine_whose_clock_is_off_knows_its_own_age()
    {
        void Behind(WallClock wall) => wall.Ahead = TimeSpan.FromHours(-5);
        await Kept(Behind);
        await using var post = await Again(30, Behind);
        Assert.Equal(RevocationState.Stale, post.Status.Revocations);
        Assert.Equal(SinceProof(post), post.Status.Lag!.Value.TotalSeconds, 0.1);
    }

    [Fact]
    public async Task A_machine_that_stalls_while_it_keeps_its_knowledge_makes_it_no_younger()
    {
        var post = await GuardPost.Start(Options);
        await post.Beat();
        (proven, post.Issuer.Away, post.Wall.Stall) = (post.Clock.GetUtcNow(), true, TimeSpan.FromSeconds(10));
        await post.DisposeAsync();
        var kept = await new GuardState(directory, new(new LogBook())).ReadRevocations((_, _, _, _) => { });
        Assert.InRange(kept!.Value.ProvenAt, (proven - post.Wall.Stalled).ToUnixTimeMilliseconds(), proven.ToUnixTimeMilliseconds());
    }

    [Fact]
    public async Task A_machine_that_stalls_while_it_reads_its_knowledge_makes_it_no_younger()
    {
        await Kept();
        await using var post = await Again(30, wall => wall.Stall = TimeSpan.FromSeconds(1));
        post.Wall.Stall = TimeSpan.Zero;
        var age = SinceProof(post) + post.Wall.Stalled.TotalSeconds;
        Assert.InRange(post.Status.Lag!.Value.TotalSeconds, age - 0.001, age + post.Wall.Stalled.TotalSeconds);
    }

    [Fact]
    public async Task A_wall_clock_that_is_ahead_at_the_start_forgets_nothing()
    {
        await Kept();
        var clock = Clock(30);
        await using var post = await GuardPost.Start(clock, new FakeIssuer(clock), Options, issuer => { issuer.Feed.Add(revoked); issuer.Away = true; }, wall => wall.Ahead = TimeSpan.FromHours(12));
        var until = clock.GetUtcNow().AddSeconds(60);
        await post.Pumped(() => clock.GetUtcNow() > until, 1000);
        post.Issuer.Away = false;
        await post.Pumped(() => post.Status.Revocations == RevocationState.Fresh);
        Assert.Equal(0, post.Feed.Snapshots);
        Assert.Equal(GuardRefusal.Revoked, await post.Refusal(post.Forge.Access(revoked)));
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("garbage")]
    [InlineData("cut")]
    [InlineData("one bit")]
    public async Task Damaged_files_are_left_alone_and_logged(string damage)
    {
        await Kept();
        foreach (var file in (string[])[Keys, Revocations]) File.WriteAllBytes(file, Damaged(File.ReadAllBytes(file), damage));
        await using (var post = await Again(10))
        {
            Assert.Equal(2, post.Log.Count("5011"));
            Assert.Equal((false, RevocationState.Blind), (post.Status.HasKeys, post.Status.Revocations));
            Assert.Equal(503, (await post.Check(post.Forge.Access())).StatusCode);
            post.Issuer.Away = false;
            await post.Pumped(() => post.Status is { HasKeys: true, Revocations: RevocationState.Fresh });
        }
        await using var repaired = await Again(20);
        Assert.Equal((true, RevocationState.Stale), (repaired.Status.HasKeys, repaired.Status.Revocations));
    }

    [Fact]
    public async Task No_bit_of_the_files_can_be_lost_unnoticed()
    {
        await Kept();
        var whole = File.ReadAllBytes(Revocations);
        for (var at = 0; at < whole.Length; at++)
        {
            whole[at] ^= 1;
            File.WriteAllBytes(Revocations, whole);
            Assert.Null(await new GuardState(directory, new(new LogBook())).ReadRevocations((_, _, _, _) => { }));
            whole[at] ^= 1;
        }
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_is_logged_and_stops_nothing()
    {
        var file = Path.Combine(directory, "file");
        await File.WriteAllTextAsync(file, "");
        await using var post = await GuardPost.Start(given => given.StateDirectory = Path.Combine(file, "below"));
        Assert.True((await post.Check(post.Forge.Access())).Accepted);
        Assert.Equal(1, post.Log.Count("5010"));
    }

    [Fact]
    public async Task A_process_that_is_killed_while_it_writes_leaves_a_file_that_can_be_read()
    {
        var sizes = new HashSet<int>();
        // Six times, and as often as it takes on a busy machine to meet it at two points.
        for (var round = 0; round < 6 || (sizes.Count < 2 && round < 60); round++)
        {
            using var writer = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [StateWriter.Flag, directory]) { RedirectStandardOutput = true })!;
            await writer.StandardOutput.ReadLineAsync();
            await Task.Delay(20 + 7 * round);
            writer.Kill();
            await writer.WaitForExitAsync();
            var entries = 0;
            var kept = await new GuardState(directory, new(new LogBook())).ReadRevocations((_, _, _, _) => entries++);
            Assert.NotNull(kept);
            Assert.Equal(kept.Value.Position.Seq, entries);
            sizes.Add(entries);
        }
        Assert.True(sizes.Count > 1, "it was never killed at another point");
    }

    public void Dispose() => Directory.Delete(directory, recursive: true);

    void Options(CognitoGuardOptions given) => (given.StateDirectory, given.StartupPatience) = (directory, TimeSpan.FromSeconds(1));

    Microsoft.Extensions.Time.Testing.FakeTimeProvider Clock(int secondsLater)
    {
        var clock = GuardPost.NewClock();
        clock.Advance(proven - clock.GetUtcNow() + TimeSpan.FromSeconds(secondsLater));
        return clock;
    }

    async Task Kept(Action<WallClock>? wall = null)
    {
        var clock = Clock(0);
        await using var post = await GuardPost.Start(clock, new FakeIssuer(clock), Options, wall: wall);
        await post.Revoke(revoked);
        await post.Beat();
        // Whoever is slow to stop would join the feed once more, and prove later what it keeps.
        (proven, post.Issuer.Away) = (clock.GetUtcNow(), true);
    }

    async Task<GuardPost> Again(int secondsLater, Action<WallClock>? wall = null)
    {
        var clock = Clock(secondsLater);
        return await GuardPost.Start(clock, new FakeIssuer(clock), given => { Options(given); given.StartupPatience = TimeSpan.Zero; }, issuer => { issuer.Feed.Add(revoked); issuer.Away = true; }, wall);
    }

    double SinceProof(GuardPost post) => (post.Clock.GetUtcNow() - proven).TotalSeconds;

    static byte[] Damaged(byte[] whole, string damage)
    {
        if (damage == "one bit") whole[whole.Length / 2] ^= 16;
        return damage switch { "empty" => [], "garbage" => [.. whole.Select(_ => (byte)'x')], "cut" => whole[..^5], _ => whole };
    }
}
