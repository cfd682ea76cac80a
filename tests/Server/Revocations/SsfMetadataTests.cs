using System.Text.Json.Nodes;
using Poolhouse.Core.Keys;
using Poolhouse.Server.SignIn;
using Poolhouse.Server.Tests.Actors;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Server.Tests.Revocations;

/// <summary>The transmitter says what it is (SSF 1.0 §7).</summary>
public class SsfMetadataTests
{
    [Fact]
    public async Task A_receiver_finds_everything_at_both_places()
    {
        await using var server = await PoolhouseTestServer.Start();
        var pool = await new Admin(server).Pool();
        var text = await server.Http.GetStringAsync($"{server.Url}/.well-known/ssf-configuration/{pool}");
        Assert.Equal(text, await server.Http.GetStringAsync($"{server.Url}/{pool}/.well-known/ssf-configuration"));
        var found = JsonNode.Parse(text)!;
        Assert.Equal(("1_0", $"{server.Url}/{pool}", "ALL"), ((string?)found["spec_version"], (string?)found["issuer"], (string?)found["default_subjects"]));
        Assert.Equal("""["urn:ietf:rfc:8935","urn:ietf:rfc:8936"]""", found["delivery_methods_supported"]!.ToJsonString());
        Assert.Equal("""[{"spec_urn":"urn:ietf:rfc:6749"}]""", found["authorization_schemes"]!.ToJsonString());
        Assert.Equal("""["application"]""", found["critical_subject_members"]!.ToJsonString());
        foreach (var name in (string[])["configuration_endpoint", "status_endpoint", "add_subject_endpoint", "remove_subject_endpoint", "verification_endpoint"])
            Assert.StartsWith($"{server.Url}/{pool}/ssf/", (string?)found[name], StringComparison.Ordinal);
        Assert.Contains("keys", await server.Http.GetStringAsync((string)found["jwks_uri"]!), StringComparison.Ordinal);
        Assert.Equal(404, (int)(await server.Http.GetAsync($"{server.Url}/.well-known/ssf-configuration/us-east-1_Nothing00")).StatusCode);
    }

    [Fact]
    public async Task Without_a_token_the_streams_of_a_server_in_production_are_closed()
    {
        var data = Directory.CreateTempSubdirectory("poolhouse-test-").FullName;
        var settings = new Settings(new StorageOptions(data, BallastMegabytes: 0), new ServerOptions("http://localhost", Listen: "http://127.0.0.1:0"), new(), new(), new(), new(), new(), new(), new(), new());
        await using (var app = await PoolhouseServer.Build(new(settings), TimeProvider.System, use => SigningKey.Create(use)))
        {
            await app.StartAsync();
            using var http = new HttpClient();
            http.DefaultRequestHeaders.Host = "localhost";
            var reply = await http.GetAsync($"{app.Urls.Single()}/us-east-1_Abcdefghi/ssf/streams");
            Assert.Equal((401, "Bearer"), ((int)reply.StatusCode, reply.Headers.WwwAuthenticate.ToString()));
        }
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task A_setting_that_is_no_network_stops_the_start()
    {
        var fault = await Assert.ThrowsAsync<SettingsException>(() => PoolhouseTestServer.Start(settings: all => all with { Outbound = new("10.0.0.0/8, intranet") }));
        Assert.StartsWith("Outbound:AllowPrivate", fault.Message, StringComparison.Ordinal);
    }
}
