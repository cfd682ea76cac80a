using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Poolhouse.Guard.Tests.Actors;

/// <summary>Makes tokens in Cognito's form, and any other thing that somebody might present as one.</summary>
sealed class TokenForge(string issuer, ForgedKey key, TimeProvider time)
{
    public const string Web = "1web0000000000000000000000";
    public const string Worker = "1machine000000000000000000";

    public string Issuer { get; } = issuer;

    public ForgedKey Key { get; } = key;

    public long Now => time.GetUtcNow().ToUnixTimeSeconds();

    public static string NewSession() => new Guid(RandomNumberGenerator.GetBytes(16)).ToString("D");

    /// <summary>An access token of a user.</summary>
    public string Access(string? session = null, params (string Name, JsonNode? Value)[] changes) => Sign(Changed(AccessClaims(session), changes));

    public string Id(string? session = null, params (string Name, JsonNode? Value)[] changes) => Sign(Changed(new()
    {
        ["iss"] = Issuer, ["sub"] = "5d1f8a3e-0000-4000-8000-000000000001", ["token_use"] = "id", ["aud"] = Web, ["cognito:username"] = "ana",
        ["event_id"] = session ?? NewSession(), ["iat"] = Now, ["auth_time"] = Now, ["exp"] = Now + 3600,
    }, changes));

    /// <summary>What back-channel logout sends (OpenID Connect Back-Channel Logout §2.4).</summary>
    public string Logout() => Sign(new()
    {
        ["iss"] = Issuer, ["sub"] = "5d1f8a3e-0000-4000-8000-000000000001", ["aud"] = Web, ["sid"] = NewSession(), ["jti"] = NewSession(),
        ["iat"] = Now, ["exp"] = Now + 120, ["events"] = new JsonObject { ["http://schemas.openid.net/event/backchannel-logout"] = new JsonObject() },
    }, new() { ["typ"] = "logout+jwt" });

    /// <summary>The token of a machine: no user, no session.</summary>
    public string Machine() => Sign(new()
    {
        ["iss"] = Issuer, ["sub"] = Worker, ["token_use"] = "access", ["client_id"] = Worker, ["scope"] = "api/read", ["jti"] = NewSession(),
        ["iat"] = Now, ["auth_time"] = Now, ["exp"] = Now + 3600, ["version"] = 2,
    });

    public JsonObject AccessClaims(string? session = null)
    {
        session ??= NewSession();
        return new()
        {
            ["iss"] = Issuer, ["sub"] = "5d1f8a3e-0000-4000-8000-000000000001", ["token_use"] = "access", ["client_id"] = Web, ["username"] = "ana",
            ["scope"] = "api/read openid", ["cognito:groups"] = new JsonArray("coaches", "staff"), ["origin_jti"] = session, ["event_id"] = session,
            ["jti"] = NewSession(), ["iat"] = Now, ["auth_time"] = Now, ["exp"] = Now + 3600,
        };
    }

    /// <summary>Signs claims; a member of the header that is null is left out.</summary>
    public string Sign(JsonObject claims, JsonObject? header = null, ForgedKey? by = null)
    {
        by ??= Key;
        var whole = new JsonObject { ["kid"] = by.Kid, ["alg"] = by.Algorithm };
        foreach (var (name, value) in header ?? []) whole[name] = value?.DeepClone();
        foreach (var name in whole.Where(member => member.Value is null).Select(member => member.Key).ToArray()) whole.Remove(name);
        return Raw(whole.ToJsonString(), claims.ToJsonString(), data => by.Sign(data));
    }

    /// <summary>A token of any header and payload, which need not be JSON.</summary>
    public static string Raw(string header, string payload, Func<byte[], byte[]> sign)
    {
        var signed = $"{Encode(header)}.{Encode(payload)}";
        return $"{signed}.{Base64Url.EncodeToString(sign(Encoding.ASCII.GetBytes(signed)))}";
    }

    public static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));

    public static JsonObject Changed(JsonObject claims, params (string Name, JsonNode? Value)[] changes)
    {
        foreach (var (name, value) in changes)
            if (value is null) claims.Remove(name);
            else claims[name] = value.DeepClone();
        return claims;
    }
}
