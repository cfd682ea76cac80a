using Microsoft.AspNetCore.Builder;
using Xunit;

namespace Poolhouse.Bff.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Good_options_pass_and_what_is_left_out_has_its_default()
    {
        var options = CheckedBffOptions.Of(Good());
        Assert.Equal((BffProvider.Poolhouse, "https://app.example.com/bff/signed-out", "https://id.example.com/p_1/revocations", false), (options.Provider, options.SignedOutUrl, options.Feed!.ToString(), options.SendIdTokenHint));
        var amazon = Good();
        amazon.Authority = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Abc";
        Assert.Equal((BffProvider.Cognito, null), (CheckedBffOptions.Of(amazon).Provider, CheckedBffOptions.Of(amazon).Feed));
    }

    /// <summary>One change that makes good options bad, by the option that is to be named.</summary>
    public static TheoryData<string, Action<BffOptions>> Bad => new()
    {
        { "Authority", o => o.Authority = null }, { "Authority", o => o.Authority = "http://id.example.com/p" }, { "Authority", o => o.Authority = "https://id.example.com/p/" },
        { "ClientId", o => o.ClientId = "" }, { "ClientSecret", o => o.ClientSecret = null }, { "Scopes", o => o.Scopes = [] }, { "Scopes", o => o.Scopes = ["email"] }, { "Scopes", o => o.Scopes = ["openid email"] },
        { "PublicUrl", o => o.PublicUrl = null }, { "PublicUrl", o => o.PublicUrl = "http://app.example.com" }, { "PublicUrl", o => o.PublicUrl = "https://app.example.com/" },
        { "PublicUrl", o => o.PublicUrl = "https://app.example.com/shop" }, { "PublicUrl", o => o.PublicUrl = "https://App.example.com" }, { "Key", o => o.Key = null }, { "Key", o => o.Key = "short" },
        { "Key", o => o.Key = Convert.ToBase64String(new byte[31]) }, { "BasePath", o => o.BasePath = "bff" }, { "BasePath", o => o.BasePath = "/bff/" }, { "BasePath", o => o.BasePath = "/{x}" },
        { "IdleAfter", o => o.IdleAfter = TimeSpan.FromSeconds(59) }, { "IdleAfter", o => o.IdleAfter = TimeSpan.FromDays(31) }, { "EndsAfter", o => o.EndsAfter = TimeSpan.FromDays(3651) },
        { "RefreshAhead", o => o.RefreshAhead = TimeSpan.FromSeconds(-1) }, { "ProviderTimeout", o => o.ProviderTimeout = TimeSpan.Zero }, { "TakeOverAfter", o => o.TakeOverAfter = TimeSpan.FromMinutes(1) },
        { "RefreshPatience", o => o.RefreshPatience = TimeSpan.Zero }, { "WatchEvery", o => o.WatchEvery = TimeSpan.Zero }, { "FeedClientId", o => o.FeedClientId = "a" }, { "FeedUrl", o => o.FeedUrl = "x" },
        { "SignedOutUrl", o => o.SignedOutUrl = "/x" },
    };

    [Theory, MemberData(nameof(Bad))]
    public void A_bad_option_is_named_when_the_services_are_added(string name, Action<BffOptions> spoil)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        var fault = Assert.Throws<ArgumentException>(() => builder.AddPoolhouseBff(options =>
        {
            Copy(Good(), options);
            spoil(options);
        }));
        Assert.StartsWith($"BffOptions.{name} ", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://localhost:5173")]
    [InlineData("http://127.0.0.1:80")]
    [InlineData("http://app.localhost:3000")]
    public void On_the_loopback_interface_http_will_do(string url)
    {
        var options = Good();
        options.PublicUrl = url == "http://127.0.0.1:80" ? "http://127.0.0.1:8080" : url;
        Assert.True(CheckedBffOptions.Of(options).IsPlain);
    }

    static BffOptions Good() => new()
    {
        Authority = "https://id.example.com/p_1", ClientId = "web", ClientSecret = "secret", Scopes = ["openid"], PublicUrl = "https://app.example.com", Key = Convert.ToBase64String(new byte[32]),
    };

    static void Copy(BffOptions from, BffOptions to)
    {
        foreach (var property in typeof(BffOptions).GetProperties().Where(one => one.CanWrite && one.SetMethod!.IsPublic)) property.SetValue(to, property.GetValue(from));
    }
}
