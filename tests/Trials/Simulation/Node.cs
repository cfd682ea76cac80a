using Microsoft.Extensions.Logging.Abstractions;
using Poolhouse.Core;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Sessions;
using Poolhouse.Server;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Trials.Simulation;

/// <summary>How a request ended, as its sender hears of it.</summary>
/// <param name="Tokens">What a sign-in or a refresh has yielded.</param>
/// <param name="Refused">Why it was refused.</param>
/// <param name="Answered">False where nobody knows what became of it: 503, or no answer at all.</param>
sealed record Reply(TokenSet? Tokens = null, Refusal? Refused = null, bool Answered = true)
{
    public static readonly Reply Done = new();
    public static readonly Reply None = new(Answered: false);
}

/// <summary>One server process: the product's own use cases over the shared store, with a clock that is a little off.</summary>
sealed class Node
{
    readonly World world;
    readonly Database database;
    readonly SessionStore sessions;
    readonly UserStore users;
    readonly RefreshSession refresh;
    readonly EndSessions ends;
    readonly RefreshKey key;
    readonly RefreshTokens tokens;
    readonly TokenSubjects subjects;
    readonly SigningKeyStore keys;

    public Node(World world, int number)
    {
        (this.world, Number) = (world, number);
        var clock = new SimClock(world.Agenda, Life, world.Agenda.Chance.Between(-40, 40));
        Engine = new(world.Store, world.Agenda, Life, clock);
        database = new(Engine, new StorageOptions(PurgeSeconds: 0), clock, NullLogger.Instance);
        Purging.Register(database.Purger, new AuditOptions(Days: 1));
        var realm = world.Realm;
        key = world.Store.Run(RefreshKeys.Read, clock.UnixMs());
        (sessions, users, keys) = (new(database, key), new(database), new(database, new Sealing(realm.Master), Realm.Key));
        tokens = new RefreshTokens(realm.Master);
        subjects = new TokenSubjects(new GroupStore(database), keys, null!, realm.Server);
        // Its log is nobody's business here, and what no reply waits for is not written.
        var audit = new Audit(new AuditBuffer(database, new AuditOptions(RefreshDays: 0), NullLogger<AuditBuffer>.Instance), World.Telemetry, database, NullLogger<Audit>.Instance);
        refresh = new(database, sessions, tokens, subjects, audit);
        ends = new(database, sessions, tokens, audit);
        Feed = new(world, this, new RevocationStore(database), clock);
        world.Agenda.In(world.Agenda.Chance.Between(0, 60_000), () => world.Agenda.Begin(Purge), Life);
    }

    public int Number { get; }

    public Life Life { get; } = new();

    public SimEngine Engine { get; }

    public NodeFeed Feed { get; }

    public Task<Reply> SignIn(string sub) => Answer(async () =>
    {
        var user = await users.Get(world.Realm.Pool.Id, sub, default);
        var (client, now) = (world.Realm.Client, database.Now);
        // As StartSession does it, but for the id, which decides the order in the feed of what ends together.
        var session = new Session(Ids.Uuid(world.Agenda.Chance.Bytes(16)), client.PoolId, client.Id, sub, Birth.Hosted, "api/read", null, now,
            now + client.RefreshTokenLifetime.Ms(), 0, key.Id, world.Agenda.Chance.Bytes(16), 0);
        var subject = await subjects.Of(world.Realm.Pool, client, user!, session, new(TokenSource.HostedAuth), default);
        var made = TokenMinter.Mint(subject, tokens.Derive(session, 0), now);
        return await database.Write(tx => SessionStore.Insert(tx, session)) ? new(made) : new(Refused: Refusal.UserDisabled);
    });

    public Task<Reply> Refresh(string token) => Answer(async () => world.Sabotage == Sabotage.CheckThenSet
        ? await new NaiveRotation(database, sessions, world.Realm).Redeem(token)
        : new(await refresh.Redeem(world.Realm.Pool, world.Realm.Client, token, default)));

    public Task<Reply> Revoke(string token) => Answer(async () =>
    {
        if (world.Sabotage == Sabotage.PlainSequence) await new PlainSequence(database, sessions).Revoke(world.Realm.Pool.Id, token);
        else await ends.Revoke(world.Realm.Client, token, default);
        return Reply.Done;
    });

    public Task<Reply> SignOut(string sub) => Answer(async () =>
    {
        await ends.Everywhere((await users.Get(world.Realm.Pool.Id, sub, default))!, SessionEnd.SignedOut);
        return Reply.Done;
    });

    /// <summary>The key set, as the endpoint writes it.</summary>
    public async Task<string> Keys()
    {
        var published = (await keys.Of(world.Realm.Pool.Id)).Published(database.Now).SelectMany(pair => (SigningKey[])[pair.Id, pair.Access]);
        return $$"""{"keys":[{{string.Join(',', published.Select(key => $$"""{"kid":"{{key.Kid}}","kty":"RSA","alg":"RS256","use":"sig","n":"{{key.Modulus}}","e":"{{key.Exponent}}"}"""))}}]}""";
    }

    static async Task<Reply> Answer(Func<Task<Reply>> work)
    {
        try
        {
            return await work();
        }
        catch (RefusedException refused)
        {
            return new(Refused: refused.Reason);
        }
        catch (StorageUnavailableException)
        {
            return Reply.None;
        }
    }

    async Task Purge()
    {
        try
        {
            await database.Purger.Run(default);
        }
        catch (AggregateException)
        {
            // The next turn tries again.
        }
        world.Agenda.In(60_000, () => world.Agenda.Begin(Purge), Life);
    }
}
