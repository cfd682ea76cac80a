using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Poolhouse.Load.Peers;

namespace Poolhouse.Load.SigningIn;

/// What became of many wrong codes for one challenge.
sealed record GuessResult(int Sent, int Evaluated, double Seconds);

/// Somebody who has the password, and tries codes of the second factor on many connections at once.
sealed class Guesses(PoolhousePeer peer, HttpClient crowd)
{
    const string Client = "benchguessed";
    const string User = "guessed";
    const int Count = 10_000;

    public async Task<GuessResult> Run()
    {
        var asked = await PasswordApp.SignIn(peer, crowd, Client, User, "Bench-password-1");
        var session = asked.GetProperty("Session").GetString()!;
        var right = await RightCode();
        var guesses = Enumerable.Range(0, Count + 1).Select(i => $"{i:D6}").Where(code => code != right).Take(Count).ToArray();
        var (evaluated, watch) = (0, Stopwatch.StartNew());
        await Parallel.ForEachAsync(guesses, new ParallelOptions { MaxDegreeOfParallelism = FloodedRefreshes.Connections }, async (code, cancel) =>
        {
            if (await Refusal(session, code, cancel) == "CodeMismatchException") Interlocked.Increment(ref evaluated);
        });
        return new(guesses.Length, evaluated, watch.Elapsed.TotalSeconds);
    }

    /// The name of the refusal: a mismatch means that the code was looked at, anything else that it was not.
    async Task<string?> Refusal(string session, string code, CancellationToken cancel)
    {
        using var request = peer.Call("RespondToAuthChallenge", new
        {
            ClientId = Client, ChallengeName = "EMAIL_OTP", Session = session, ChallengeResponses = new { USERNAME = User, EMAIL_OTP_CODE = code },
        });
        using var reply = await crowd.SendAsync(request, cancel);
        if (reply.StatusCode != HttpStatusCode.BadRequest) throw new BenchException($"a wrong code was answered {(int)reply.StatusCode}");
        return (await reply.Content.ReadFromJsonAsync<JsonElement>(cancel)).GetProperty("__type").GetString();
    }

    async Task<string> RightCode()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(peer.Url, $"dev/inbox?username={User}"));
        request.Headers.Accept.ParseAdd("application/json");
        return (await peer.Ask(crowd, request))[0].GetProperty("code").GetString()!;
    }
}
