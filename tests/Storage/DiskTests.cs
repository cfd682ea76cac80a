using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Poolhouse.Storage.Engines;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Disks that are full or break.</summary>
public class DiskTests
{
    [Fact]
    public async Task On_a_full_disk_revocations_are_written_and_nothing_else_until_space_returns()
    {
        using var disk = SmallDisk.Mount();
        var time = new FakeTimeProvider();
        await using var database = await Open(disk, time);
        await database.Write(tx => tx.Execute("create table t (n bigint, filler blob)"));
        disk.Fill();

        await FillUp(database);
        Assert.Equal(1, await database.WriteEvenIfFull(Insert(-1)));
        // What was set free is for revocations: a small write that would fit is refused too.
        await Assert.ThrowsAsync<StorageFullException>(() => database.Write(Insert(1)));
        Assert.Equal(1, await database.WriteEvenIfFull(Insert(-2)));
        Assert.Equal(2, await database.One("select count(*) from t where n < 0", r => r.GetInt64(0), default));

        disk.Free();
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(1, await database.Write(Insert(2)));
        Assert.Equal(1024 * 1024, new FileInfo(Path.Combine(disk.Data, "poolhouse.ballast")).Length);
        Assert.Equal("ok", await database.One("pragma integrity_check", r => r.GetString(0), default));
    }

    [Fact]
    public async Task A_server_that_is_restarted_on_a_full_disk_still_keeps_the_rest_for_revocations()
    {
        using var disk = SmallDisk.Mount();
        await using (var first = await Open(disk, TimeProvider.System))
        {
            await first.Write(tx => tx.Execute("create table t (n bigint, filler blob)"));
            disk.Fill();
            await FillUp(first);
            await first.WriteEvenIfFull(Insert(-1));
        }

        await using var second = await Open(disk, TimeProvider.System);

        await Assert.ThrowsAsync<StorageFullException>(() => second.Write(Insert(1)));
        Assert.Equal(1, await second.WriteEvenIfFull(Insert(-2)));
    }

    [Fact]
    public async Task In_a_group_on_a_full_disk_the_revocation_gets_through_and_the_others_are_told()
    {
        using var disk = SmallDisk.Mount();
        await using var database = await Open(disk, TimeProvider.System);
        await database.Write(tx => tx.Execute("create table t (n bigint, filler blob)"));
        disk.Fill();
        await FillUp(database);

        var writes = Enumerable.Range(0, 60).Select(n => n == 30 ? database.WriteEvenIfFull(Insert(-1)) : database.Write(Insert(n))).ToArray();
        await Task.WhenAll(writes).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.True(writes[30].IsCompletedSuccessfully);
        Assert.All(writes.Where((_, n) => n != 30), w => Assert.IsType<StorageFullException>(w.Exception!.InnerException));
        Assert.Equal(0, await database.One("select count(*) from t where n >= 0 and filler is null", r => r.GetInt64(0), default));
    }

    [Fact]
    public async Task An_error_of_the_disk_at_commit_fails_the_write_and_stops_the_server()
    {
        var stops = new List<Exception>();
        await using var test = await TestDatabase.Open(Product.Sqlite, onFatal: stops.Add);
        await test.Sql("create table t (n bigint)");
        BreakLog(test.Options.DataDirectory);

        var writes = Enumerable.Range(0, 20).Select(n => test.Database.Write(tx => tx.Execute("insert into t values (1)"))).ToArray();
        await Task.WhenAll(writes).ContinueWith(_ => { }, TaskScheduler.Default);

        Assert.All(writes, w => Assert.IsType<StorageUnavailableException>(w.Exception?.InnerException));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => test.Database.WriteEvenIfFull(tx => tx.Execute("insert into t values (1)")));
        Assert.Single(stops);
        Assert.False(test.Database.Ready);
    }

    [Fact]
    public async Task What_the_disk_has_damaged_is_unavailable()
    {
        await using var test = await TestDatabase.Open(Product.Sqlite);
        await test.Sql("create table t (n bigint, filler blob)");
        await test.Database.Write(async tx =>
        {
            for (var i = 0; i < 600; i++) await tx.Execute("insert into t (n, filler) values (0, @filler)", ("filler", new byte[10_000]));
        });
        // The log has been copied into the file, and begins anew.
        await test.Sql("insert into t (n) values (1)");
        Spoil(Path.Combine(test.Options.DataDirectory, "poolhouse.db"));

        await Assert.ThrowsAsync<StorageUnavailableException>(() => test.Number("select sum(length(filler)) from t"));
        await Assert.ThrowsAsync<StorageUnavailableException>(() => test.Sql("update t set n = length(filler)"));
    }

    /// <summary>Everything but the beginning, where the schema is.</summary>
    static void Spoil(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        var junk = new byte[stream.Length / 2];
        junk.AsSpan().Fill(0xA5);
        stream.Position = stream.Length - junk.Length;
        stream.Write(junk);
    }

    [Theory]
    [InlineData("3.51.2", "2", "1")]
    [InlineData("3.7.17", "2", "1")]
    [InlineData("3.53.0", "1", "1")]
    [InlineData("3.53.0", "2", "0")]
    public void A_build_of_sqlite_that_can_lose_commits_is_refused(string version, string synchronous, string foreignKeys) =>
        Assert.Throws<StorageException>(() => SqliteEngine.CheckBuild(version, synchronous, foreignKeys));

    [Fact]
    public void The_oldest_good_build_of_sqlite_is_accepted() => SqliteEngine.CheckBuild("3.51.3", "2", "1");

    static Func<Tx, Task<int>> Insert(long n) => tx => tx.Execute("insert into t (n) values (@n)", ("n", n));

    static async Task FillUp(Database database) => await Assert.ThrowsAsync<StorageFullException>(async () =>
    {
        for (var i = 0; i < 1000; i++)
            await database.Write(tx => tx.Execute("insert into t (n, filler) values (0, @filler)", ("filler", new byte[10_000])));
    });

    static async Task<Database> Open(SmallDisk disk, TimeProvider time)
    {
        var database = await Database.Open(new StorageOptions(disk.Data, BallastMegabytes: 1), new Opening(), time, NullLogger<Database>.Instance, default);
        for (var i = 0; i < 500 && !File.Exists(Path.Combine(disk.Data, "poolhouse.ballast")); i++) await Task.Delay(10);
        return database;
    }

    /// <summary>Every descriptor of the write-ahead log becomes one that cannot be written: pwrite says EBADF.</summary>
    static void BreakLog(string directory)
    {
        using var unwritable = File.Open("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        foreach (var link in Directory.GetFiles("/proc/self/fd"))
            if (new FileInfo(link).LinkTarget == Path.Combine(directory, "poolhouse.db-wal"))
                Assert.True(dup2((int)unwritable.SafeFileHandle.DangerousGetHandle(), int.Parse(Path.GetFileName(link), null)) >= 0);
    }

    [DllImport("libc", SetLastError = true)]
    static extern int dup2(int from, int to);

    /// <summary>A file system of 8 MB.</summary>
    sealed class SmallDisk : IDisposable
    {
        readonly string path = Directory.CreateTempSubdirectory("ph-disk-").FullName;

        public string Data => Path.Combine(path, "data");

        public static SmallDisk Mount()
        {
            var disk = new SmallDisk();
            if (Run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.path)) return disk;
            Directory.Delete(disk.path);
            Assert.Skip("Tests of a full disk are left out: a tmpfs can be mounted by root only.");
            return null!;
        }

        public void Fill()
        {
            using var file = new FileStream(Path.Combine(path, "filler"), FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
            try
            {
                for (var i = 0; i < 4096; i++) file.Write(new byte[4096]);
            }
            catch (IOException)
            {
                // That is full.
            }
        }

        public void Free() => File.Delete(Path.Combine(path, "filler"));

        public void Dispose()
        {
            Run("umount", "-l", path);
            Directory.Delete(path);
        }

        static bool Run(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
    }
}
