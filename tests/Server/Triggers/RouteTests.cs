using Poolhouse.Server.Outbound;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Triggers;

/// <summary>From the host settings to URLs.</summary>
public class RouteTests
{
    static readonly EgressRules Dev = new EgressRules(new(), loopback: true).OfOperator();
    static readonly EgressRules Serve = new EgressRules(new("10.1.0.0/16"), loopback: false).OfOperator();

    [Theory]
    [InlineData("hook", "http://localhost:3000/hook?a=b", false)]
    [InlineData("emulated", "http://localhost:9000/2015-03-31/functions/function/invocations", true)]
    [InlineData("other", "http://localhost:3001/2015-03-31/functions/other/invocations", true)]
    [InlineData("other:live", "http://localhost:3001/2015-03-31/functions/other%3Alive/invocations", true)]
    public void A_function_is_found_by_its_name_or_at_the_endpoint(string name, string url, bool lambda)
    {
        var routes = new FunctionRoutes(new("http://localhost:3001/", "hook=http://localhost:3000/hook?a=b, emulated = http://localhost:9000/2015-03-31/functions/function/invocations"), Dev);
        var route = routes.Find(Functions.Arn(name))!;
        Assert.Equal((url, lambda), (route.Url.AbsoluteUri, route.IsLambda));
    }

    [Fact]
    public void An_ARN_goes_before_a_name_and_nothing_leads_nowhere()
    {
        var routes = new FunctionRoutes(new(Functions: $"{Functions.Arn("hook")}=http://localhost:1/arn,hook=http://localhost:1/name"), Dev);
        Assert.Equal("/arn", routes.Find(Functions.Arn("hook"))!.Url.AbsolutePath);
        Assert.Equal("/name", routes.Find("arn:aws:lambda:eu-west-1:000000000000:function:hook")!.Url.AbsolutePath);
        Assert.Equal("/name", routes.Find("arn:aws:lambda:eu-west-1:000000000000:function:hook:live")!.Url.AbsolutePath);
        Assert.Null(routes.Find(Functions.Arn("other")));
    }

    [Theory]
    [InlineData(".."), InlineData("a/../../b"), InlineData("a?b"), InlineData("arn")]
    public void A_name_that_would_lead_elsewhere_leads_nowhere(string name) => Assert.Null(new FunctionRoutes(new("http://localhost:3001"), Dev).Find(name == "arn" ? "arn:aws:x" + "/y" : Functions.Arn(name)));

    [Theory]
    [InlineData("hook"), InlineData("=http://localhost:1/"), InlineData("hook="), InlineData("hook=ftp://localhost/"), InlineData("a=http://localhost:1/,a=http://localhost:2/")]
    [InlineData("hook=http://169.254.169.254/latest"), InlineData("hook=http://user:password@localhost/")]
    public void A_setting_that_means_nothing_stops_the_start(string functions) => Assert.Throws<FormatException>(() => new FunctionRoutes(new(Functions: functions), Dev));

    [Theory]
    [InlineData("http://10.1.2.3:8080/x", true), InlineData("http://functions:8080/x", true), InlineData("https://functions.example.com/x", true)]
    [InlineData("http://10.2.0.1/x", false), InlineData("http://93.184.216.34/x", false), InlineData("http://127.0.0.1/x", false), InlineData("https://127.0.0.1/x", false)]
    public void In_production_plain_http_stays_inside_what_is_allowed(string url, bool taken)
    {
        if (taken) Assert.NotNull(new FunctionRoutes(new(Functions: "x=" + url), Serve).Find(Functions.Arn("x")));
        else Assert.Throws<FormatException>(() => new FunctionRoutes(new(Functions: "x=" + url), Serve));
    }

    [Theory]
    [InlineData("short"), InlineData("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg=="), InlineData("/nowhere/key")]
    public async Task A_wrong_key_stops_the_start(string key)
    {
        var fault = await Assert.ThrowsAsync<SettingsException>(() => PoolhouseTestServer.Start(settings: settings => settings with { Triggers = new(SenderKey: key) }));
        Assert.StartsWith("Triggers:SenderKey", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_may_be_in_a_file_and_seals_never_twice_the_same()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, TriggerStage.SenderKey + "\n");
        var key = new SenderKey(file);
        File.Delete(file);
        Assert.True(key.IsSet);
        Assert.NotEqual(key.Seal("123456"), key.Seal("123456"));
    }
}
