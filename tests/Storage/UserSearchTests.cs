using Xunit;

namespace Poolhouse.Storage.Tests;

/// <summary>ListUsers among many users, on both databases.</summary>
public class UserSearchTests
{
    const int Many = 30_000;

    [Theory, OnBoth]
    public async Task Among_many_users_every_filter_finds_its_page_without_reading_the_pool(Product product)
    {
        await using var test = await TestDatabase.Open(product);
        var numbers = product == Product.Sqlite
            ? $"with recursive n(i) as (select 10001 union all select i + 1 from n where i < {10_000 + Many})" : $"with n(i) as (select * from generate_series(10001, {10_000 + Many}))";
        await test.Database.Write(async tx =>
        {
            await tx.Execute(
                $$"""
                {{numbers}} insert into users (pool_id, sub, username, username_key, status, enabled, attributes, created_at, modified_at)
                select 'pool', 'sub' || i, 'User' || i, 'user' || i, case when i = 25000 then 'RESET_REQUIRED' else 'CONFIRMED' end, i <> 26000, '{}', 0, 0 from n
                """);
            return await tx.Execute(
                $"{numbers} insert into user_attributes (pool_id, sub, name, value, is_alias) select 'pool', 'sub' || i, 'email', 'user' || i || '@example.com', false from n");
        });
        var search = new UserSearch(test.Database);

        // The one that reads each user for each other took more than a minute.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        async Task<string> Found(string attribute, string value, bool isPrefix, string after = "", int limit = 3) => string.Join(' ',
            (await search.List("pool", new(attribute, value, isPrefix), false, after, limit, patience.Token)).Select(found => found.User.Username));

        Assert.Equal("User22222", await Found("email", "USER22222@example.com", false));
        Assert.Equal("User22220 User22221 User22222", await Found("email", "user2222", true));
        Assert.Equal("User22223 User22224 User22225", await Found("email", "user2222", true, "sub22222 user22222@example.com"));
        Assert.Equal("User22222", await Found("username", "user22222", false));
        Assert.Equal("User22220 User22221 User22222", await Found("username", "user2222", true));
        Assert.Equal("User22223 User22224 User22225", await Found("username", "user2222", true, "user22222"));
        Assert.Equal("User22220 User22221 User22222", await Found("sub", "sub2222", true));
        Assert.Equal("User25000", await Found("cognito:user_status", "reset", true));
        Assert.Equal("User26000", await Found("status", "disabled", false));
        Assert.Equal("User10001 User10002 User10003", await Found("status", "Enabled", false));
        Assert.Equal("User10001 User10002 User10003", await Found("cognito:user_status", "", true));
        Assert.Equal("", await Found("email", "user2222\U0010FFFE", true));
    }
}
