using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Poolhouse.Core;
using Poolhouse.Core.Keys;
using Poolhouse.Storage;

namespace Poolhouse.Server.Commands.Checks;

/// <summary>What was found in the database, for checks that compare it with what clients see.</summary>
/// <param name="Pool">A user pool, or null if there is none yet.</param>
/// <param name="Kids">The names of its published signing keys; null while it has none.</param>
sealed record StoredPool(Core.Pools.UserPool Pool, string[]? Kids);

/// <summary>The database: whether it answers, fits this program, has the right clock, and opens with the master key. Nothing is changed.</summary>
sealed class StorageChecks(Settings settings)
{
    const long MostOff = 1000;
    const long QuiteOff = 250;

    /// <summary>A pool to compare with, when the checks are through.</summary>
    public StoredPool? Found { get; private set; }

    public async Task<List<Finding>> Run(CancellationToken cancel)
    {
        var found = new List<Finding>();
        if (settings.Storage.ConnectionString is null && !File.Exists(settings.Storage.DatabaseFile))
            return [Finding.Warn("database", "There is none yet; `poolhouse serve` makes it.")];
        try
        {
            await using var database = await Database.Open(
                settings.Storage, new(Mode: OpenMode.Looking), TimeProvider.System, NullLogger<Database>.Instance, cancel);
            found.Add(await Kind(database, cancel));
            found.Add(Clock(database));
            found.Add(await Key(database, cancel));
        }
        catch (StorageException wrong)
        {
            found.Add(Finding.Fail("database", Finding.Line(wrong)));
        }
        return found;
    }

    static async Task<Finding> Kind(Database database, CancellationToken cancel)
    {
        if (await new Meta(database).Get("made-for", cancel) == "dev")
            return Finding.Fail("database", "It was made by `poolhouse dev`, where secrets are well known. Give `serve` a database of its own.");
        var schema = $"{database.Dialect.Name}, schema version {Migrator.Known[^1].Number.ToString(CultureInfo.InvariantCulture)}";
        if (database.Dialect == Dialect.Sqlite) return Finding.Ok("database", schema);
        return await database.Lineage(cancel) is null
            ? Finding.Fail("database", $"{schema}, but it is a standby and takes no writes. Name the primary in the connection string (Target Session Attributes=primary).")
            : Finding.Ok("database", $"{schema}, UTF8, synchronous_commit on");
    }

    static Finding Clock(Database database)
    {
        // What the database corrects is what the machine is off.
        var off = database.Now - TimeProvider.System.UnixMs();
        if (database.Dialect == Dialect.Sqlite) return Finding.Ok("clock", "one machine, one clock");
        var says = $"this machine is {Math.Abs(off)} ms {(off > 0 ? "behind" : "ahead of")} the database";
        if (Math.Abs(off) > MostOff) return Finding.Fail("clock", $"{says}: a server here is not ready. Set the clock, and keep it with NTP.");
        return Math.Abs(off) > QuiteOff ? Finding.Warn("clock", $"{says}. Keep it with NTP.") : Finding.Ok("clock", says);
    }

    async Task<Finding> Key(Database database, CancellationToken cancel)
    {
        try
        {
            if (MasterKeys.Existing(settings) is not { } master) return Finding.Warn("master key", "There is none yet; `poolhouse serve` makes it.");
            if (await RootKey.Look(database, master, cancel) is not { } root)
                return Finding.Fail("master key", "Keys:Master is not the key that this database has. Put the right one back, from where its backup is.");
            await Look(database, root, cancel);
            return Finding.Ok("master key", "fits the database");
        }
        catch (Exception wrong) when (wrong is StorageException or InvalidOperationException)
        {
            return Finding.Fail("master key", Finding.Line(wrong));
        }
    }

    async Task Look(Database database, MasterKey root, CancellationToken cancel)
    {
        var pools = new PoolStore(database);
        if ((await pools.Ids(cancel)).FirstOrDefault() is not { } id || await pools.Find(id, cancel) is not { } pool) return;
        var keys = new SigningKeyStore(database, new Sealing(root), SigningKey.Create);
        var ring = await keys.Stored(id, cancel);
        Found = new(pool, ring is null ? null : [.. ring.Published(keys.Now).SelectMany(pair => (string[])[pair.Id.Kid, pair.Access.Kid])]);
    }
}
