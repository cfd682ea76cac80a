using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Poolhouse.Storage.Engines;

/// <summary>Begin, savepoint and commit of the writing connection as prepared statements, with SQLite's own result codes.</summary>
sealed class TransactionControl : IDisposable
{
    readonly sqlite3 db;
    readonly sqlite3_stmt begin, commit, rollback, save, release, undo;

    public TransactionControl(SqliteConnection connection)
    {
        db = connection.Handle!;
        begin = Prepare("begin immediate");
        commit = Prepare("commit");
        rollback = Prepare("rollback");
        save = Prepare("savepoint member");
        release = Prepare("release member");
        undo = Prepare("rollback to member");
    }

    /// <summary>False also when SQLite has dropped the transaction by itself, as it does on a full disk.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(db) == 0;

    public void Begin() => Must(begin);

    public void Commit() => Must(commit);

    public void Save() => Must(save);

    public void Release() => Must(release);

    public void Undo()
    {
        Must(undo);
        Must(release);
    }

    public void Rollback()
    {
        if (InTransaction) Must(rollback);
    }

    public void Dispose()
    {
        foreach (var statement in (sqlite3_stmt[])[begin, commit, rollback, save, release, undo]) statement.Dispose();
    }

    sqlite3_stmt Prepare(string sql)
    {
        var code = raw.sqlite3_prepare_v2(db, sql, out var statement);
        return code == raw.SQLITE_OK ? statement : throw Error(code);
    }

    void Must(sqlite3_stmt statement)
    {
        var code = raw.sqlite3_step(statement);
        if (code == raw.SQLITE_DONE)
        {
            raw.sqlite3_reset(statement);
            return;
        }
        var error = Error(code);
        raw.sqlite3_reset(statement);
        throw error;
    }

    SqliteException Error(int code) => new(raw.sqlite3_errmsg(db).utf8_to_string(), code & 0xff, code);
}
