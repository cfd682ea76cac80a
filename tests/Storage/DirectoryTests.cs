using System.Runtime.Versioning;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Who may open a data directory, and for what.</summary>
public class DirectoryTests
{
    [Fact]
    public async Task A_second_server_on_the_same_directory_is_refused_until_the_first_has_stopped()
    {
        await using var test = await TestDatabase.Prepare(Product.Sqlite);
        await using (await Open(test))
        {
            var refused = await Assert.ThrowsAsync<StorageException>(() => Open(test));
            Assert.Contains("in use by another", refused.Message, StringComparison.Ordinal);
        }
        await using var next = await Open(test);
        Assert.True(next.Ready);
    }

    [Fact]
    public async Task A_command_works_beside_the_server()
    {
        await using var test = await TestDatabase.Open(Product.Sqlite);
        var beside = await test.Another();

        await beside.Write(tx => Meta.Set(tx, "from", "beside"));

        Assert.Equal("beside", await new Meta(test.Database).Get("from", default));
    }

    [Fact]
    public async Task A_command_without_a_server_brings_the_schema_and_leaves_no_lock()
    {
        await using var test = await TestDatabase.Prepare(Product.Sqlite);
        await using var beside = await Open(test, new Opening(Mode: OpenMode.Beside));
        await beside.Write(tx => Meta.Set(tx, "a", "b"));

        await using var server = await Open(test);
        Assert.Equal("b", await new Meta(server).Get("a", default));
    }

    [Theory, OnBoth]
    public async Task What_was_made_for_development_is_not_served_and_the_reverse(Product product)
    {
        foreach (var (made, asked) in new[] { (DirectoryKind.Dev, DirectoryKind.Serve), (DirectoryKind.Serve, DirectoryKind.Dev) })
        {
            await using var test = await TestDatabase.Prepare(product);
            await using (await Open(test, new Opening(made)))
            {
            }
            var refused = await Assert.ThrowsAsync<StorageException>(() => Open(test, new Opening(asked)));
            Assert.Contains($"`poolhouse {made}`".ToLowerInvariant(), refused.Message, StringComparison.Ordinal);
            await using var again = await Open(test, new Opening(made));
        }
    }

    [Fact]
    public async Task A_database_without_its_mark_is_refused_with_the_remedy()
    {
        await using var test = await TestDatabase.Prepare(Product.Sqlite);
        await using (await Open(test))
        {
        }
        File.Delete(Path.Combine(test.Options.DataDirectory, "poolhouse.directory"));

        var refused = await Assert.ThrowsAsync<StorageException>(() => Open(test));
        Assert.Contains("Write `serve` or `dev` into that file", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task Nobody_but_the_owner_can_read_the_database()
    {
        await using var test = await TestDatabase.Open(Product.Sqlite);
        const UnixFileMode others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

        foreach (var name in new[] { "poolhouse.db", "poolhouse.db-wal", "poolhouse.db-shm" })
            Assert.Equal(UnixFileMode.None, File.GetUnixFileMode(Path.Combine(test.Options.DataDirectory, name)) & others);
    }

    [Fact]
    public async Task What_cannot_be_opened_is_a_clear_error_without_a_password()
    {
        var nonsense = await Assert.ThrowsAsync<StorageException>(() => Open(new StorageOptions(ConnectionString: "postgres://u:hunter2@h/d")));
        var nobody = await Assert.ThrowsAsync<StorageException>(() => Open(new StorageOptions(ConnectionString: "Host=/nowhere;Password=hunter2;Username=u")));

        Assert.Contains("Npgsql's form", nonsense.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", nonsense.ToString() + nobody, StringComparison.Ordinal);
    }

    static Task<Database> Open(TestDatabase test, Opening? opening = null) => Open(test.Options, opening);

    static Task<Database> Open(StorageOptions options, Opening? opening = null) =>
        Database.Open(options, opening ?? new Opening(), TimeProvider.System, NullLogger<Database>.Instance, default);
}
