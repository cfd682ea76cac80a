using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Poolhouse.Core.Keys;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>Signs as the SDKs sign (SigV4), written from the specification and sharing nothing with the verifier.</summary>
public static class Signer
{
    public static void Sign(
        HttpRequestMessage request, string body, AccessKey accessKey, DateTimeOffset now, string region = "us-east-1",
        string signed = "content-type;host;x-amz-date;x-amz-target", string service = "cognito-idp")
    {
        var date = now.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.Headers.Add("X-Amz-Date", date);
        var values = new Dictionary<string, string>
        {
            ["content-type"] = "application/x-amz-json-1.1", ["host"] = request.RequestUri!.Authority, ["x-amz-date"] = date,
            ["x-amz-target"] = request.Headers.GetValues("X-Amz-Target").Single(),
        };
        var canonical = $"POST\n/\n\n{string.Concat(signed.Split(';').Select(name => $"{name}:{values[name]}\n"))}\n{signed}\n{Hash(body)}";
        string[] scope = [date[..8], region, service, "aws4_request"];
        var toSign = $"AWS4-HMAC-SHA256\n{date}\n{string.Join('/', scope)}\n{Hash(canonical)}";
        var key = Encoding.UTF8.GetBytes("AWS4" + accessKey.Secret.Reveal());
        foreach (var part in scope) key = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(part));
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        request.Headers.TryAddWithoutValidation("Authorization",
            $"AWS4-HMAC-SHA256 Credential={accessKey.Id}/{string.Join('/', scope)}, SignedHeaders={signed}, Signature={signature}");
    }

    static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
}
