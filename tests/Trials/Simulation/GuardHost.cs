using Microsoft.Extensions.Logging.Abstractions;
using Poolhouse.Guard;

namespace Poolhouse.Trials.Simulation;

/// <summary>One API with the product's own guard, its disk, and what it must never do.</summary>
sealed class GuardHost
{
    /// <summary>The bound of the guards: what they accept, they know to be good at most so long ago.</summary>
    public const double StaleMs = 10_000;

    readonly World world;
    readonly string disk;
    readonly long wrongMs;
    readonly HashSet<string> refused = new(StringComparer.Ordinal);
    Life life = new() { Ended = true };
    CognitoGuard? guard;
    Task begun = Task.CompletedTask;

    public GuardHost(World world, int number)
    {
        (this.world, Number) = (world, number);
        disk = Path.Combine(world.Disk, $"guard{number}");
        wrongMs = world.Agenda.Chance.One([0L, 0, -30_000, 30_000, 3_600_000, -3_600_000]);
        Start();
    }

    public int Number { get; }

    public Wire Wire { get; private set; } = null!;

    public bool Runs => !life.Ended;

    public RevocationState State => guard!.Status.Revocations;

    public void Start()
    {
        if (Runs) return;
        life = new();
        refused.Clear();
        if (world.Sabotage == Sabotage.ForgetfulGuard) Forget();
        var cut = Wire?.Cut ?? [];
        Wire = new(world, life);
        Wire.Cut.UnionWith(cut);
        guard = new(new()
        {
            Issuer = world.Realm.Issuer, ClientIds = [world.Realm.Client.Id], FreshFor = TimeSpan.FromSeconds(3), StaleFor = TimeSpan.FromMilliseconds(StaleMs),
            CriticalStaleFor = TimeSpan.FromSeconds(5), StateDirectory = disk, Backchannel = Wire, Pace = new(work => work(), world.Agenda.Chance.Below),
        }, null, new SimClock(world.Agenda, life, wrongMs));
        begun = guard.StartAsync();
    }

    public void Crash(bool withDisk)
    {
        life.Ended = true;
        if (withDisk && Directory.Exists(disk)) Directory.Delete(disk, recursive: true);
    }

    /// <summary>Asks for a token of a session, and holds the answer against what is true when it comes.</summary>
    public void Probe(Family family, bool sure = false)
    {
        // An API answers nobody before its guard has begun.
        if (Runs && begun.IsCompletedSuccessfully && guard!.Status.HasKeys) world.Agenda.Begin(() => Check(family, sure));
    }

    async Task Check(Family family, bool sure)
    {
        var (mine, token, ends) = (life, family.Access, family.AccessEndsAt);
        var result = await guard!.CheckAsync(token);
        if (mine.Ended) return;
        world.Agenda.Note("guard", (long)result.Refusal * 10 + Number);
        world.Counts.Checks++;
        if (result.Accepted) Accepted(family, result, ends);
        else if (result.Refusal == GuardRefusal.Revoked)
        {
            world.Counts.Refused++;
            if (!family.InDoubt && world.Sabotage == Sabotage.None) throw new WrongException($"guard {Number} refuses {family.Id}, and nobody had asked for its end");
            refused.Add(family.Id);
        }
        else if (result.Refusal == GuardRefusal.RevocationUnknown) world.Counts.Blind++;
        else if (result.Refusal is not (GuardRefusal.Expired or GuardRefusal.NotYetValid or GuardRefusal.KeysUnavailable or GuardRefusal.UnknownKey))
            throw new WrongException($"guard {Number} refuses a token of {family.Id}: {result.Refusal}");
        if (sure && !result.Accepted && !family.InDoubt) throw new WrongException($"in quiet times guard {Number} refuses {family.Id}: {result.Refusal}");
        if (sure && result.Accepted && family is { EndedAt: not null, Forgotten: false }) throw new WrongException($"in quiet times guard {Number} accepts {family.Id}");
    }

    void Accepted(Family family, GuardResult result, double ends)
    {
        var now = world.Agenda.Ms;
        world.Counts.Accepted++;
        if (result.State is not (RevocationState.Fresh or RevocationState.Stale)) throw new WrongException($"guard {Number} accepts and is {result.State}");
        if (refused.Contains(family.Id)) throw new WrongException($"guard {Number} accepts {family.Id}, which it has refused before");
        if (now > ends + 1500) throw new WrongException($"guard {Number} accepts a token of {family.Id} {now - ends} ms after its end");
        // A copy of the store that does not know of an end cannot tell a guard that has never heard of it.
        if (family is { EndedAt: { } at, Forgotten: false } && now > at + StaleMs + 1000)
            throw new WrongException($"guard {Number} accepts {family.Id} {now - at:0} ms after its end was answered ({result.State}, lag {result.Lag})");
        if (family is { Forgotten: true }) world.Counts.Forgotten++;
    }

    void Forget()
    {
        var state = new GuardState(disk, new GuardLog(NullLogger.Instance));
        if (state.ReadRevocations((_, _, _, _) => { }).GetAwaiter().GetResult() is var (position, provenAt)) state.KeepRevocations(position, provenAt, []);
    }
}
