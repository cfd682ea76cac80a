using System.Buffers;
using System.Globalization;
using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Poolhouse.Core;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Guard;
using Poolhouse.Server.Cognito;
using Poolhouse.Server.Cognito.Users;
using Poolhouse.Server.Http;
using Poolhouse.Tokens.Revocations;

namespace Poolhouse.Trials.Fuzz;

/// <summary>Something that reads hostile input: it makes an input, and says what it did with it. Throws if it did what it must not.</summary>
/// <param name="Name">What it reads.</param>
/// <param name="Make">An input.</param>
/// <param name="Read">Reads it; true if it was taken.</param>
sealed record Parser(string Name, Func<Mutator, string> Make, Func<string, bool> Read)
{
    /// <summary>Milliseconds that one input may take.</summary>
    public double MostMs { get; init; } = 50;
}

/// <summary>The parsers of the product, each with what must be true of whatever it takes.</summary>
static class Parsers
{
    const string Credential = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261123/us-east-1/cognito-idp/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=";

    static readonly MasterKey Master = MasterKey.Create();

    public static IReadOnlyList<Parser> All { get; } = [RefreshToken(), Form(), Filter(), Signature(), SrpNumber(), Position(), Snapshot(), Csrf(), KeySet()];

    static Parser RefreshToken()
    {
        var tokens = new RefreshTokens(Master);
        var session = new Session(Ids.Uuid(), "p", "c", "u", Birth.Api, "s", null, 0, 0, 0, 1, RandomNumberGenerator.GetBytes(16), 0);
        var good = Enumerable.Range(0, 20).Select(generation => tokens.Derive(session, generation)).ToArray();
        return new("refresh tokens", mutator => mutator.Text(good), text =>
        {
            if (!RefreshTokens.TryRead(text, out var read)) return false;
            if (tokens.IsGenuine(read, session) && !good.Contains(text)) throw new WrongInputException("a token that was never made is genuine");
            return true;
        });
    }

    static Parser Form()
    {
        const string good = "grant_type=authorization_code&code=abc%20def&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2F&client_id=1a2b&scope=a+b&empty=&%C3%A9=%F0%9F%A6%A9";
        return new("forms", mutator => mutator.Text(good), text =>
        {
            var context = new DefaultHttpContext();
            var bytes = Encoding.Latin1.GetBytes(text);
            (context.Request.ContentType, context.Request.ContentLength, context.Request.Body) = ("application/x-www-form-urlencoded", bytes.Length, new MemoryStream(bytes));
            StrictForm form;
            try
            {
                form = StrictForm.Read(context.Request, default).GetAwaiter().GetResult();
            }
            catch (StrictFormException)
            {
                return false;
            }
            // Whatever is taken is what the framework reads, once each; what it would replace was refused.
            var pairs = Encoding.Latin1.GetString(bytes).Split('&').Select(pair => pair.Split('=', 2)).Select(pair => (Name: Plain(pair[0]), Value: pair.Length == 2 ? Plain(pair[1]) : ""));
            foreach (var one in pairs.Where(pair => pair.Value.Length > 0).GroupBy(pair => pair.Name, StringComparer.Ordinal))
                if (one.Count() > 1 || form[one.Key] != one.First().Value) throw new WrongInputException($"{one.Key} is read as '{form[one.Key]}', not as '{string.Join("', '", one)}'");
            return true;
        });
    }

    static string Plain(string encoded) => Encoding.UTF8.GetString(WebUtility.UrlDecodeToBytes(Encoding.Latin1.GetBytes(encoded), 0, encoded.Length)!);

    static Parser Filter() => new("filters of ListUsers", mutator => mutator.Text(["email = \"a@b.c\"", "username ^= \"an\\\"a\"", "cognito:user_status=\"CONFIRMED\"", "status = \"Enabled\""]), text =>
    {
        try
        {
            return UserFilters.Read(text) is not null;
        }
        catch (CognitoException)
        {
            return false;
        }
    });

    static Parser Signature()
    {
        var secret = new Secret("wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY");
        SignedRequest Request(string query, string date, string body) => new("POST", "/", query, [
            new("Host", "localhost"), new("Content-Type", "application/x-amz-json-1.1"), new("X-Amz-Date", date), new("X-Amz-Target", "AWSCognitoIdentityProviderService.ListUserPools")], Encoding.UTF8.GetBytes(body));
        const string date = "20261123T120000Z", body = """{"MaxResults":10}""";
        var signature = Convert.ToHexStringLower(SigV4.Signature(SigV4.Parse(Credential + new string('0', 64))!, Request("", date, body), secret));
        // One text for all that the caller sends, so that anything of it may be spoilt.
        return new("AWS signatures", mutator => mutator.Text($"{Credential}{signature}\n\n{date}\n{body}"), text =>
        {
            if (text.Split('\n', 4) is not [var header, var query, var dated, var sent]) return false;
            var request = Request(query, dated, sent);
            _ = SigV4.DateOf(request);
            if (SigV4.Parse(header) is not { } claim) return false;
            _ = SigV4.Unsigned(claim, request);
            if (!SigV4.Matches(claim, request, secret)) return true;
            // Fields apart, the parts of the header may be spaced as one likes.
            if (sent != body || dated.Trim(' ') != date || query.Trim('?', '&').Length > 0) throw new WrongInputException("a signature fits another request");
            return true;
        });
    }

    static Parser SrpNumber()
    {
        var verifier = Srp.Verifier("Pool", "ana", "password", RandomNumberGenerator.GetBytes(16));
        var good = new[] { Srp.Hex(BigInteger.ModPow(2, 12345, Srp.N)), Srp.Hex(Srp.N - 1), Srp.Hex(Srp.N), Srp.Hex(Srp.N * 2), "0", "1" };
        // Of a number that is taken both halves are computed, which are two powers of 3072 bits each.
        return new("SRP numbers", mutator => mutator.Text(good), text =>
        {
            if (!Srp.TryReadPublic(text, out var a)) return false;
            if (BigInteger.Parse("0" + text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) % Srp.N == 0) throw new WrongInputException("a number is taken that makes the key known");
            if (text.Length % 16 == 0 && Srp.Verify(Srp.Begin(a, verifier), verifier, "Pool", "ana", new([1, 2, 3], text, new byte[32]))) throw new WrongInputException("no password is taken for one");
            return true;
        })
        { MostMs = 500 };
    }

    static Parser Position() => new("feed positions", mutator => mutator.Text($"{new string('a', 32)}:{long.MaxValue}"), text =>
        FeedPosition.TryParse(text, out var read) && (read.Seq >= 0 ? true : throw new WrongInputException("a position before the first")));

    static Parser Snapshot()
    {
        var body = new ArrayBufferWriter<byte>();
        RevocationSnapshot.WriteHeader(body, new(new string('a', 32), 3), 1);
        RevocationSnapshot.WriteEntry(body, new(1, RevocationKind.Session, Ids.Uuid(), 7));
        RevocationSnapshot.WriteEntry(body, new(2, RevocationKind.Client, "client", 7));
        RevocationSnapshot.WriteEntry(body, new(3, RevocationKind.Pool, "pool", 7));
        RevocationSnapshot.WriteEnd(body, 3);
        var good = Encoding.Latin1.GetString(body.WrittenSpan);
        return new("snapshots of the feed", mutator => mutator.Text(good), text =>
        {
            var bytes = text.Select(one => (byte)one).ToArray();
            try
            {
                if (bytes.Length < RevocationSnapshot.HeaderLength) return false;
                RevocationSnapshot.ReadHeader(bytes.AsSpan(0, RevocationSnapshot.HeaderLength));
                using var rest = new MemoryStream(bytes, RevocationSnapshot.HeaderLength, bytes.Length - RevocationSnapshot.HeaderLength);
                RevocationSnapshot.ReadEntries(rest, (_, _, _, _) => { }, default).GetAwaiter().GetResult();
                return true;
            }
            catch (InvalidDataException)
            {
                return false;
            }
        });
    }

    static Parser Csrf()
    {
        var cookies = new Cookies(https: false, Master);
        var first = new DefaultHttpContext();
        var token = cookies.CsrfToken(first);
        return new("cookies", mutator => mutator.Text([$"XSRF-TOKEN={token}\n{token}", $"a=b; XSRF-TOKEN=\"{token}\"; cognito-x=y\n{token}"]), text =>
        {
            if (text.Split('\n', 2) is not [var cookie, var field]) return false;
            var context = new DefaultHttpContext();
            context.Request.Headers.Cookie = cookie;
            _ = cookies.Session(context.Request, "x");
            if (!cookies.IsOwnForm(context.Request, field, "http://localhost")) return false;
            if (field != token) throw new WrongInputException("a field is taken that was never given out");
            return true;
        });
    }

    static Parser KeySet()
    {
        var key = SigningKey.Create(KeyUse.Access);
        var good = $$"""{"keys":[{"kid":"{{key.Kid}}","kty":"RSA","alg":"RS256","use":"sig","n":"{{key.Modulus}}","e":"{{key.Exponent}}"},{"kid":"ec","kty":"EC","crv":"P-256","x":"{{new string('A', 43)}}","y":"{{new string('B', 43)}}"}]}""";
        return new("key sets", mutator => mutator.Json(good), text =>
        {
            using var http = new HttpClient();
            var keys = new IssuerKeys(new("http://localhost/jwks"), http, TimeSpan.FromHours(1), TimeProvider.System, new GuardLog(NullLogger.Instance));
            keys.Restore(Encoding.UTF8.GetBytes(text));
            return keys.Any;
        });
    }
}

/// <summary>An input that was taken for what it is not.</summary>
sealed class WrongInputException(string message) : Exception(message);
