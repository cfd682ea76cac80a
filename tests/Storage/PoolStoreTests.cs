using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Pools;
using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>Pools and what belongs to them, on both databases.</summary>
public class PoolStoreTests
{
    static readonly Sealing Sealing = new(MasterKey.Create());

    [Theory, OnBoth]
    public async Task A_pool_keeps_its_documents_and_what_a_request_adds_to_them_stays_outside(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var pools = new PoolStore(test.Database);
        var pool = Pool("us-east-1_A") with { Settings = new Request { MfaConfiguration = "OFF", AliasAttributes = ["email"], Extra = "not stored" } };
        Assert.True(await test.Database.Write(tx => PoolStore.Create(tx, pool)));
        Assert.False(await test.Database.Write(tx => PoolStore.Create(tx, pool)));

        var found = (await pools.Find("us-east-1_A", default))!;
        Assert.Equal(("OFF", "email", 20), (found.Settings.MfaConfiguration, found.AliasAttributes.Single(), found.Schema.Count));
        Assert.DoesNotContain("not stored", await test.Database.One("select settings from pools", row => row.GetString(0), default));
    }

    [Theory, OnBoth]
    public async Task A_replaced_pool_is_seen_at_once_and_a_deleted_one_takes_its_contents_along(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var pools = new PoolStore(test.Database);
        await Create(test, Pool("us-east-1_A"));
        Assert.Equal("people", (await pools.Find("us-east-1_A", default))!.Name);

        await test.Database.Write(tx => PoolStore.Replace(tx, "us-east-1_A", "others", new PoolDefinition { MfaConfiguration = "OPTIONAL" }));
        var replaced = (await pools.Find("us-east-1_A", default))!;
        Assert.Equal(("others", "OPTIONAL"), (replaced.Name, replaced.MfaConfiguration));
        await test.Database.Write(tx => PoolStore.Replace(tx, "us-east-1_A", null, new PoolDefinition()));
        Assert.Equal("others", (await pools.Find("us-east-1_A", default))!.Name);

        await test.Database.Write(tx => ResourceServerStore.Create(tx, new("us-east-1_A", "api", "API", [new("read", "Read")])));
        Assert.True(await test.Database.Write(tx => PoolStore.Delete(tx, "us-east-1_A")));
        Assert.False(await test.Database.Write(tx => PoolStore.Delete(tx, "us-east-1_A")));
        Assert.Null(await pools.Find("us-east-1_A", default));
        Assert.Equal(0, await test.Number("select count(*) from resource_servers"));
    }

    [Theory, OnBoth]
    public async Task Lists_go_by_region_and_code_point_and_page_after_a_key(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var pools = new PoolStore(test.Database);
        foreach (var id in (string[])["us-east-1_b", "us-east-1_A", "us-east-1_a", "eu-west-1_A", "us-east-1_B"])
            await Create(test, Pool(id));
        Assert.Equal(["us-east-1_A", "us-east-1_B"], (await pools.List("us-east-1", null, 2, default)).Select(pool => pool.Id));
        Assert.Equal(["us-east-1_a", "us-east-1_b"], (await pools.List("us-east-1", "us-east-1_B", 5, default)).Select(pool => pool.Id));
    }

    [Theory, OnBoth]
    public async Task A_secret_is_sealed_and_opens_for_its_own_client_only(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var clients = new ClientStore(test.Database, Sealing);
        await Create(test, Pool("us-east-1_A"));
        foreach (var id in (string[])["one", "two"]) await Create(test, clients, Client(id) with { Secrets = [new($"secret-of-{id}")] });
        Assert.Equal("secret-of-one", Assert.Single((await clients.Find("one", default))!.Secrets).Reveal());

        await test.Sql("update client_secrets set sealed = (select sealed from client_secrets where client_id = 'one') where client_id = 'two'");
        await Assert.ThrowsAsync<StorageException>(async () => await clients.Find("two", default));
        Assert.True(await test.Database.Write(tx => ClientStore.Delete(tx, "one")));
        Assert.Equal(1, await test.Number("select count(*) from client_secrets"));
    }

    [Theory, OnBoth]
    public async Task A_client_remembers_the_longest_access_token_of_the_last_day(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var clients = new ClientStore(test.Database, Sealing);
        await Create(test, Pool("us-east-1_A"));
        await Create(test, clients, Client("c") with { Settings = new() { AccessTokenValidity = 24 } });
        foreach (var hours in (int[])[1, 2, 2])
            await test.Database.Write(tx => ClientStore.Replace(tx, "c", null, new ClientSettings { AccessTokenValidity = hours }));

        var hour = 3_600_000L;
        Assert.Equal((2 * hour, 24 * hour), await test.Database.One("select access_ms, access_ms_before from clients",
            row => (row.GetInt64(0), row.GetInt64(1)), default));
    }

    [Theory, OnBoth]
    public async Task No_client_domain_or_resource_server_joins_a_pool_that_is_gone(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var clients = new ClientStore(test.Database, Sealing);
        Assert.False(await Create(test, clients, Client("c")));
        Assert.False(await test.Database.Write(tx => DomainStore.Create(tx, new("people", "us-east-1_A", false, new(), 0))));
        Assert.False(await test.Database.Write(tx => ResourceServerStore.Create(tx, new("us-east-1_A", "api", "API", []))));
    }

    [Theory, OnBoth]
    public async Task Of_many_who_want_a_domain_one_gets_it(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        for (var i = 0; i < 8; i++) await Create(test, Pool($"us-east-1_{i}"));
        await Race.OneWinner(_ => test.Database.Write(tx => tx.Execute("delete from domains")),
            (round, racer) => test.Database.Write(tx => DomainStore.Create(tx, new($"name{round}", $"us-east-1_{racer}", false, new(), 0))), rounds: 50);
        await Race.OneWinner(_ => test.Database.Write(tx => tx.Execute("delete from domains")),
            (round, racer) => test.Database.Write(tx => DomainStore.Create(tx, new($"name{racer}", "us-east-1_0", false, new(), 0))), rounds: 50);
    }

    [Theory, OnBoth]
    public async Task An_access_key_comes_back_with_its_secret_and_policy(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var keys = new AccessKeyStore(test.Database, Sealing);
        Assert.True(await keys.Create(new("AKIA1", new("a secret"), new(["List*", "AdminGetUser"], ["us-east-1_A"]), 0)));
        Assert.False(await keys.Create(new("AKIA1", new("another"), AccessPolicy.Everything, 0)));

        var key = (await keys.Find("AKIA1", default))!;
        Assert.Equal("a secret", key.Secret.Reveal());
        Assert.True(key.Policy.Allows("ListUsers", "us-east-1_A"));
        Assert.False(key.Policy.Allows("ListUserPools", null));
        Assert.False(key.Policy.Allows("AdminGetUsers", "us-east-1_A"));
        Assert.True(await keys.Delete("AKIA1"));
        Assert.Empty(await keys.List(default));
    }

    sealed record Request : PoolDefinition
    {
        public string? Extra { get; init; }
    }

    static UserPool Pool(string id) => new(id, "people", id[..id.IndexOf('_')], new(), StandardSchema.Attributes, 0, 0);

    static AppClient Client(string id) => new(id, "us-east-1_A", "web", new(), [], 0, 0);

    static Task<bool> Create(TestDatabase test, UserPool pool) => test.Database.Write(tx => PoolStore.Create(tx, pool));

    static Task<bool> Create(TestDatabase test, ClientStore clients, AppClient client)
    {
        var sealedSecret = clients.Seal(client);
        return test.Database.Write(tx => ClientStore.Create(tx, client, sealedSecret));
    }
}
