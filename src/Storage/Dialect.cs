using Microsoft.Data.Sqlite;
using Npgsql;

namespace Poolhouse.Storage;

/// <summary>What a database error means to the program.</summary>
public enum Failure
{
    Other,
    Duplicate,
    Conflict,
    Full,
    Unavailable,
}

/// <summary>All that differs between the two databases; everything else is one SQL text.</summary>
public sealed class Dialect
{
    public static readonly Dialect Sqlite = new("SQLite", blob: "blob", collate: "", forUpdate: "", mostRows: 4, OfSqlite);
    public static readonly Dialect Postgres = new("PostgreSQL", blob: "bytea", collate: "collate \"C\"", forUpdate: "for update", mostRows: 64, OfPostgres);

    readonly Func<Exception, Failure> classify;

    Dialect(string name, string blob, string collate, string forUpdate, int mostRows, Func<Exception, Failure> classify)
    {
        Name = name;
        Blob = blob;
        Collate = collate;
        ForUpdate = forUpdate;
        MostRows = mostRows;
        this.classify = classify;
    }

    public string Name { get; }

    /// <summary>The column type for bytes.</summary>
    public string Blob { get; }

    /// <summary>How many rows one statement should insert: to PostgreSQL each is a way there and back, and SQLite looks for each value's name among all of a statement.</summary>
    public int MostRows { get; }

    /// <summary>Stands after the type of a text key, so that order and ranges go by code point on both.</summary>
    public string Collate { get; }

    /// <summary>Ends a select whose row must not change before the commit. SQLite has one writer and needs none.</summary>
    public string ForUpdate { get; }

    public Failure Classify(Exception error) => classify(error);

    public bool IsDuplicate(Exception error) => classify(error) == Failure.Duplicate;

    static Failure OfSqlite(Exception error) => error is not SqliteException e ? Failure.Other : e.SqliteExtendedErrorCode switch
    {
        1555 or 2067 or 2579 => Failure.Duplicate,                 // primary key, unique, rowid
        _ => e.SqliteErrorCode switch
        {
            13 => Failure.Full,
            5 or 6 or 14 or 15 => Failure.Unavailable,             // busy, locked, cannot open, protocol
            8 or 10 or 11 or 26 => Failure.Unavailable,            // a dying disk: read-only, I/O error, malformed, no database
            _ => Failure.Other,
        },
    };

    static Failure OfPostgres(Exception error) => error switch
    {
        PostgresException e => e.SqlState switch
        {
            PostgresErrorCodes.UniqueViolation => Failure.Duplicate,
            PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected => Failure.Conflict,
            "25P03" => Failure.Conflict,        // idle_in_transaction_session_timeout: it stood still for too long, and was rolled back
            PostgresErrorCodes.DiskFull => Failure.Full,
            PostgresErrorCodes.ReadOnlySqlTransaction => Failure.Unavailable,      // a primary that became a standby
            ['0', '8', ..] or ['5', '3', ..] or ['5', '7', 'P', ..] => Failure.Unavailable,
            _ => Failure.Other,
        },
        NpgsqlException or TimeoutException => Failure.Unavailable,
        _ => Failure.Other,
    };
}
