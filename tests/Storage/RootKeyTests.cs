using Microsoft.Extensions.Logging.Abstractions;
using Poolhouse.Core.Keys;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>The master key changes, and what everything hangs on does not, on both databases.</summary>
public class RootKeyTests
{
    readonly MasterKey first = MasterKey.Create();
    readonly MasterKey second = MasterKey.Create();

    [Theory, OnBoth]
    public async Task The_root_key_of_a_new_database_is_its_own_and_the_same_for_all_nodes(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var roots = await Race.Together(6, _ => test.Database.Write(tx => RootKey.Open(tx, first)));
        var root = Assert.Single(roots.Select(one => one!.Export()).Distinct());
        Assert.NotEqual(first.Export(), root);
        Assert.Equal(root, (await RootKey.Look(test.Database, first, default))!.Export());
    }

    [Theory, OnBoth]
    public async Task Under_another_master_key_the_root_key_is_the_same_and_the_old_one_opens_nothing(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var root = (await test.Database.Write(tx => RootKey.Open(tx, first)))!.Export();
        Assert.Equal(MasterKeyChange.WrongKey, await test.Database.Write(tx => RootKey.Change(tx, MasterKey.Create(), second)));
        Assert.Equal(MasterKeyChange.Changed, await test.Database.Write(tx => RootKey.Change(tx, first, second)));
        Assert.Equal(MasterKeyChange.Already, await test.Database.Write(tx => RootKey.Change(tx, first, second)));

        Assert.Equal(root, (await test.Database.Write(tx => RootKey.Open(tx, second)))!.Export());
        Assert.Null(await test.Database.Write(tx => RootKey.Open(tx, first)));
        Assert.Null(await RootKey.Look(test.Database, first, default));
        Assert.DoesNotContain(root, await test.Database.One("select value from meta where key = 'root-key'", row => row.GetString(0), default));
    }

    [Theory, OnBoth]
    public async Task A_database_from_before_keeps_its_first_master_key_for_a_root_key(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        await test.Database.Write(tx => Meta.Set(tx, "master-key-check", first.CheckValue()));
        Assert.Equal(first.Export(), (await test.Database.Write(tx => RootKey.Open(tx, first)))!.Export());
        await test.Database.Write(tx => RootKey.Change(tx, first, second));
        Assert.Equal(first.Export(), (await test.Database.Write(tx => RootKey.Open(tx, second)))!.Export());
    }

    [Theory, OnBoth]
    public async Task A_command_that_only_looks_migrates_nothing_though_nobody_else_is_there(Product product)
    {
        await using var test = await TestDatabase.Prepare(product);
        await using (var made = await Database.Open(test.Options, TimeProvider.System, NullLogger<Database>.Instance, default))
            await made.Write(tx => tx.Execute("delete from schema_versions where version = 11"));
        for (var look = 0; look < 2; look++)
        {
            var refused = await Assert.ThrowsAsync<StorageException>(() =>
                Database.Open(test.Options, new Opening(Mode: OpenMode.Looking), TimeProvider.System, NullLogger<Database>.Instance, default));
            Assert.Contains("poolhouse migrate", refused.Message, StringComparison.Ordinal);
        }
    }
}
