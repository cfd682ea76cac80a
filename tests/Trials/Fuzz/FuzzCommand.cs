using System.Diagnostics;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Trials.Fuzz;

/// <summary>
/// fuzz: hostile inputs for a time. --seconds is for each parser, --server-seconds for a whole server.
/// A parser may throw nothing but its own refusal, take 50 ms or allocate 4 MB; the server may answer no 5xx but 503 and must answer within 5 s.
/// </summary>
static class FuzzCommand
{
    const long MostBytes = 4 * 1024 * 1024;
    const int RequestsOfOneStage = 1000;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static int Run(Arguments arguments)
    {
        var (seed, sabotage) = (arguments.Number("seed", 1), arguments.Text("sabotage", "none"));
        var (each, server) = (TimeSpan.FromSeconds(arguments.Number("seconds", 3)), TimeSpan.FromSeconds(arguments.Number("server-seconds", 30)));
        string? last = null;
        try
        {
            return Fuzz(new Chance((ulong)seed), each, server, sabotage, one => last = one).GetAwaiter().GetResult();
        }
        catch (Exception e)
        {
            Report.Write(("wrong", e is WrongInputException ? e.Message : e.ToString()), ("seed", seed), ("input", last?[..Math.Min(last.Length, 4000)] ?? ""));
            return 1;
        }
    }

    static async Task<int> Fuzz(Chance chance, TimeSpan each, TimeSpan server, string sabotage, Action<string> note)
    {
        var counted = new List<(string, object)>();
        long inputs = 0;
        using var guard = new GuardParser(spoilt: sabotage == "second-opinion");
        await using var host = await Host.Start(TimeProvider.System);
        var stage = await Stage.Set(host);
        foreach (var parser in (Parser[])[.. Parsers.All, guard.Parser, Redirects(host, stage, loose: sabotage == "loose-redirect")])
        {
            var (read, taken, slowest) = Try(parser, new Mutator(new Chance(chance.Next())), each, note);
            counted.Add((parser.Name, read));
            if (read > 100 && taken == 0) throw new WrongInputException($"{parser.Name}: not one of {read} inputs was taken, which tries nothing");
            inputs += read;
        }
        var (requests, good, worst) = await Serve(host, new Mutator(new Chance(chance.Next())), server, sabotage == "five-hundred", note);
        Report.Write([("inputs", inputs + requests), .. counted, ("requests", requests), ("answered with 200", good), ("slowest, ms", Math.Round(worst))]);
        return 0;
    }

    static (long Read, long Taken, double Slowest) Try(Parser parser, Mutator mutator, TimeSpan time, Action<string> note)
    {
        var began = Stopwatch.GetTimestamp();
        long read = 0, taken = 0;
        double slowest = 0;
        for (; Stopwatch.GetElapsedTime(began) < time; read++)
        {
            var input = parser.Make(mutator);
            note($"{parser.Name}: {input}");
            var (ms, bytes, took) = Measure(parser, input);
            // By the time of the processors, since others use the machine as well; the first inputs pay for the compiler.
            for (var again = 0; again < 5 && ms > parser.MostMs; again++) ms = Math.Min(ms, Measure(parser, input).Ms);
            if (ms > parser.MostMs) throw new WrongInputException($"{parser.Name}: an input of {input.Length} characters takes {ms:0} ms");
            if (bytes > MostBytes && read > 10) throw new WrongInputException($"{parser.Name}: an input of {input.Length} characters takes {bytes} bytes");
            (taken, slowest) = (taken + (took ? 1 : 0), Math.Max(slowest, ms));
        }
        return (read, taken, slowest);
    }

    static (double Ms, long Bytes, bool Taken) Measure(Parser parser, string input)
    {
        var (bytes, began) = (GC.GetAllocatedBytesForCurrentThread(), Environment.CpuUsage.TotalTime);
        var taken = parser.Read(input);
        return ((Environment.CpuUsage.TotalTime - began).TotalMilliseconds, GC.GetAllocatedBytesForCurrentThread() - bytes, taken);
    }

    /// <summary>Where an authorization request sends the browser: to a registered URI, letter by letter, or nowhere.</summary>
    static Parser Redirects(Host host, Stage stage, bool loose)
    {
        var requests = host.Service<AuthorizationRequests>();
        string[] registered = ["http://localhost:3000/cb", "https://app.example.com/cb?x=1"];
        return new("redirect URIs", mutator => mutator.Text([.. registered, "https://app.example.com/cb?x=1#f", "http://localhost:3000/cb/../x", "HTTP://LOCALHOST:3000/cb"]), text =>
        {
            var query = new QueryCollection(QueryHelpers.ParseQuery($"?response_type=code&client_id={stage["ClientId"]}&scope=openid&redirect_uri={Uri.EscapeDataString(text)}"));
            try
            {
                var given = query["redirect_uri"].ToString();
                var to = loose && given.StartsWith(registered[0], StringComparison.OrdinalIgnoreCase) ? given : requests.Read(query, null, default).GetAwaiter().GetResult().RedirectUri;
                return registered.Contains(to, StringComparer.Ordinal) ? true : throw new WrongInputException($"a browser is sent to {to}");
            }
            catch (AuthorizationRefusedException refused)
            {
                var to = refused.Location("");
                return registered.Any(one => to.StartsWith(one, StringComparison.Ordinal) && to[one.Length] is ('?' or '&')) ? true : throw new WrongInputException($"a browser is sent to {to}");
            }
            catch (Server.Http.PageException)
            {
                return false;
            }
        });
    }

    static async Task<(long Requests, long Good, double Slowest)> Serve(Host host, Mutator mutator, TimeSpan time, bool spoilt, Action<string> note)
    {
        var (began, requests, csrf) = (Stopwatch.GetTimestamp(), new Requests(mutator), "");
        long sent = 0, good = 0;
        double slowest = 0;
        Stage stage = null!;
        for (var made = 0; Stopwatch.GetElapsedTime(began) < time; made++)
        {
            if (made % RequestsOfOneStage == 0)
            {
                stage = await Stage.Set(host);
                csrf = await Csrf(host, stage);
            }
            var next = requests.Next(stage, csrf);
            note(next.ToString());
            if (await Send(host, next) is not ({ } status, { } took)) continue;
            // Once more, if the machine was busy with something else.
            if (took > Patience.TotalMilliseconds && await Send(host, next) is (_, { } again)) took = again;
            if (took > Patience.TotalMilliseconds) throw new WrongInputException($"no answer within {Patience.TotalSeconds} s");
            if (spoilt && status == 200) status = 500;
            if (status >= 500 && status != 503) throw new WrongInputException($"the server answers {status}: {host.Fault}");
            (sent, good, slowest) = (sent + 1, good + (status == 200 ? 1 : 0), Math.Max(slowest, took));
        }
        return (sent, good, slowest);
    }

    static async Task<(int? Status, double? Ms)> Send(Host host, Sent request)
    {
        using var message = request.Message(host.Url);
        if (message is null) return default;
        var began = Stopwatch.GetTimestamp();
        using var patience = new CancellationTokenSource(Patience + TimeSpan.FromSeconds(1));
        try
        {
            // A stream of the feed has no end.
            using var reply = await host.Http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, patience.Token);
            if (reply.Content.Headers.ContentType?.MediaType != "text/event-stream") await reply.Content.ReadAsByteArrayAsync(patience.Token);
            return ((int)reply.StatusCode, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        catch (OperationCanceledException)
        {
            return (0, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        // What the client refuses to send, and what the framework cuts off while it is sent.
        catch (Exception e) when (e is HttpRequestException or FormatException or InvalidOperationException or NotSupportedException)
        {
            return default;
        }
    }

    static async Task<string> Csrf(Host host, Stage stage)
    {
        using var reply = await host.Http.GetAsync(new Uri($"{host.Url}/login?response_type=code&client_id={stage["ClientId"]}&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcb"));
        return reply.Headers.TryGetValues("Set-Cookie", out var set) && set.FirstOrDefault(one => one.StartsWith("XSRF-TOKEN=", StringComparison.Ordinal)) is { } cookie
            ? Uri.UnescapeDataString(cookie["XSRF-TOKEN=".Length..cookie.IndexOf(';', StringComparison.Ordinal)]) : "";
    }
}
