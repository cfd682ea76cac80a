using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Poolhouse.Core.Keys;
using Poolhouse.Guard;

namespace Poolhouse.Trials.Fuzz;

/// <summary>The product's guard, without a feed, and a second opinion on what it accepts: the framework's RSA, base64 and JSON, and nothing of the guard's.</summary>
sealed class GuardParser : IDisposable
{
    const string Issuer = "http://localhost:9229/us-east-1_Fuzz";
    const string Client = "1fuzz00000000000000000000";

    readonly SigningKey key = SigningKey.Create(KeyUse.Access);
    readonly KeySetHandler handler;
    readonly CognitoGuard guard;
    readonly long now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
    readonly bool spoilt;

    public GuardParser(bool spoilt)
    {
        this.spoilt = spoilt;
        handler = new($$"""{"keys":[{"kid":"{{key.Kid}}","kty":"RSA","alg":"RS256","use":"sig","n":"{{key.Modulus}}","e":"{{key.Exponent}}"}]}""");
        guard = new(new() { Issuer = Issuer, ClientIds = [Client], Revocations = RevocationSource.None, Backchannel = handler, RememberedTokens = 100 });
        guard.StartAsync().GetAwaiter().GetResult();
    }

    public Parser Parser => new("tokens at the guard", Make, Read);

    public void Dispose()
    {
        guard.DisposeAsync().AsTask().GetAwaiter().GetResult();
        handler.Dispose();
    }

    // Either the signed text is spoilt, or what is signed.
    string Make(Mutator mutator)
    {
        var header = $$"""{"kid":"{{key.Kid}}","alg":"RS256"}""";
        var payload = $$"""{"iss":"{{Issuer}}","sub":"u","token_use":"access","client_id":"{{Client}}","scope":"a b","cognito:groups":["x"],"origin_jti":"{{Guid.Empty}}","event_id":"{{Guid.Empty}}","jti":"j","iat":{{now}},"auth_time":{{now}},"exp":{{now + 86_400}},"username":"ana"}""";
        return mutator.Chance.Of(0.5) ? mutator.Text(Sign(header, payload))
            : Sign(mutator.Chance.Of(0.3) ? mutator.Json(header) : header, mutator.Json(payload));
    }

    bool Read(string token)
    {
        var result = guard.CheckAsync(token).AsTask().GetAwaiter().GetResult();
        if (result.Accepted && (spoilt || !IsGood(token))) throw new WrongInputException("the guard accepts what a second verifier refuses");
        return result.Accepted;
    }

    bool IsGood(string token)
    {
        if (token.Split('.') is not [var header, var payload, var signature]) return false;
        if (!key.Verify(Encoding.ASCII.GetBytes($"{header}.{payload}"), Base64Url.DecodeFromChars(signature))) return false;
        using var head = JsonDocument.Parse(Base64Url.DecodeFromChars(header));
        using var body = JsonDocument.Parse(Base64Url.DecodeFromChars(payload));
        var claims = body.RootElement;
        return head.RootElement.GetProperty("kid").GetString() == key.Kid && head.RootElement.GetProperty("alg").GetString() == "RS256"
            && claims.GetProperty("iss").GetString() == Issuer && claims.GetProperty("token_use").GetString() == "access"
            && claims.GetProperty("client_id").GetString() == Client && claims.GetProperty("exp").GetInt64() > now
            && claims.EnumerateObject().GroupBy(member => member.Name).All(members => members.Count() == 1);
    }

    string Sign(string header, string payload)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(payload))}";
        var signature = new byte[256];
        key.Sign(Encoding.ASCII.GetBytes(signed), signature);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    sealed class KeySetHandler(string keys) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(keys) });
    }
}
