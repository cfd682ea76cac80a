using System.Text.Json.Nodes;
using Poolhouse.Server.Tests.Actors;
using Xunit;
using static Poolhouse.Server.Tests.Cognito.ErrorLists;

namespace Poolhouse.Server.Tests.Cognito;

public class DeleteUserTests
{
    [Fact]
    public async Task Who_deletes_the_own_account_is_signed_out_everywhere_and_the_name_is_free()
    {
        await using var server = await PoolhouseTestServer.Start();
        var app = await App.Start(server);
        await app.User("ana");
        var (one, other) = (await app.SignIn("ana"), await app.SignIn("ana"));
        var reply = await app.As(one["AccessToken"], "DeleteUser");
        Assert.Equal((200, 0L), (reply.Status, reply.Http.Content.Headers.ContentLength));

        Assert.Equal(("UserNotFoundException", "User does not exist."), Refused("DeleteUser", await app.As(one["AccessToken"], "DeleteUser")));
        Assert.Equal(("UserNotFoundException", "User does not exist."), Refused("GetTokensFromRefreshToken", await app.Refresh((string)other["RefreshToken"]!)));
        Assert.Equal("UserNotFoundException", (await app.TrySignIn("ana")).Error);
        await app.User("ana");
        Assert.Equal(400, (await app.GetUser((string)other["AccessToken"]!)).Status);
        await app.SignIn("ana");
    }

    [Fact]
    public async Task The_cookie_of_the_hosted_pages_is_nobodys_any_more()
    {
        await using var realm = new Realm();
        await realm.InitializeAsync();
        var client = await realm.Client();
        await realm.Code(client);
        Assert.Contains("code=", await realm.Authorize(client, ("prompt", "none")), StringComparison.Ordinal);
        var tokens = await realm.ApiSignIn(client);
        await realm.Admin.Call("DeleteUser", new JsonObject { ["AccessToken"] = tokens.Access });
        await realm.User("ana");
        Assert.Equal("login_required", Realm.Query(await realm.Authorize(client, ("prompt", "none")))["error"]);
    }
}
