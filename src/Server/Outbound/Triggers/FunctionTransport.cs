using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Poolhouse.Server.Outbound.Triggers;

/// <summary>How the call of a function ended without an answer that can be read.</summary>
/// <param name="fault">The kind of end.</param>
/// <param name="message">The function's own text, or what went wrong.</param>
public sealed class FunctionException(FunctionFault fault, string message) : Exception(message)
{
    /// <summary>The kind of end.</summary>
    public FunctionFault Fault { get; } = fault;
}

/// <summary>What a function answers.</summary>
/// <param name="Response">The <c>response</c> of its event.</param>
/// <param name="Alone">Whether it came without the event, so that nothing but its members shows that it is one.</param>
public sealed record FunctionAnswer(JsonElement Response, bool Alone);

/// <summary>The ways in which a function gives no answer.</summary>
public enum FunctionFault
{
    /// <summary>It threw: it refuses, and says why.</summary>
    Thrown,

    /// <summary>It could not be reached, or not in time.</summary>
    Unreachable,

    /// <summary>What it returned is no answer.</summary>
    Unrecognizable,
}

/// <summary>
/// Calls a function, by Lambda's Invoke protocol as Lambda, its runtime interface emulator, SAM local and LocalStack speak it, or by a
/// plain POST. Five seconds for each of three attempts; whoever answered, even by an error, is not asked again.
/// </summary>
public sealed class FunctionTransport(EgressRules rules) : IDisposable
{
    const int Attempts = 3;
    const int MostAnswer = 1024 * 1024;
    const int MostMessage = 2000;

    static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    // One byte more than an answer may have tells a long one from one that was cut off.
    readonly Egress egress = new(rules.OfOperator(), MostAnswer + 1);

    /// <summary>Asks a function.</summary>
    /// <exception cref="FunctionException">There is no answer.</exception>
    public async Task<FunctionAnswer> Ask(FunctionRoute route, byte[] payload, CancellationToken cancel)
    {
        var reply = await Post(route, payload, "RequestResponse", cancel);
        return route.IsLambda ? new(OfLambda(reply), Alone: false) : OfPlain(reply);
    }

    /// <summary>Tells a function something and waits for no answer but that it was taken.</summary>
    /// <exception cref="FunctionException">It was not taken.</exception>
    public async Task Tell(FunctionRoute route, byte[] payload, CancellationToken cancel)
    {
        var reply = await Post(route, payload, "Event", cancel);
        // SAM local knows synchronous calls only, and says so.
        if (route.IsLambda && reply.Status == StatusCodes.Status501NotImplemented) reply = await Post(route, payload, "RequestResponse", cancel);
        if (!IsSuccess(reply.Status)) throw new FunctionException(FunctionFault.Unreachable, $"HTTP {reply.Status}");
        if (reply.Headers.Contains("X-Amz-Function-Error")) throw new FunctionException(FunctionFault.Thrown, Message(Parse(reply.Body)) ?? "Unhandled");
    }

    public void Dispose() => egress.Dispose();

    async Task<EgressReply> Post(FunctionRoute route, byte[] payload, string invocation, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var body = new ByteArrayContent(payload) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                var reply = await egress.Post(route.Url, body, route.IsLambda ? ("X-Amz-Invocation-Type", invocation) : null, cancel);
                if (reply.Status != StatusCodes.Status429TooManyRequests || attempt == Attempts) return reply;
            }
            catch (EgressException unanswered)
            {
                if (unanswered.Forbidden || attempt == Attempts) throw new FunctionException(FunctionFault.Unreachable, unanswered.Message);
            }
        }
    }

    static JsonElement OfLambda(EgressReply reply)
    {
        if (reply.Status != StatusCodes.Status200OK) throw new FunctionException(FunctionFault.Unreachable, $"HTTP {reply.Status}");
        var root = Parse(reply.Body);
        if (reply.Headers.Contains("X-Amz-Function-Error")) throw new FunctionException(FunctionFault.Thrown, Message(root) ?? "Unhandled");
        if (root is { } answer && Response(answer) is { } response) return response;
        // The runtime interface emulator has no such header: the error is the whole body, and a timeout is a sentence in place of JSON.
        if (Message(root) is { } thrown) throw new FunctionException(FunctionFault.Thrown, thrown);
        if (root is null && reply.Body.AsSpan().StartsWith("Task timed out"u8)) throw new FunctionException(FunctionFault.Unreachable, "the function timed out");
        throw new FunctionException(FunctionFault.Unrecognizable, "the answer is not an event with a response");
    }

    static FunctionAnswer OfPlain(EgressReply reply)
    {
        var root = Parse(reply.Body);
        if (!IsSuccess(reply.Status))
            throw Message(root) is { } thrown ? new FunctionException(FunctionFault.Thrown, thrown) : new FunctionException(FunctionFault.Unreachable, $"HTTP {reply.Status}");
        if (root is not { } answer) throw new FunctionException(FunctionFault.Unrecognizable, "the answer is not a JSON object");
        return Response(answer) is { } response ? new(response, Alone: false) : new(answer, Alone: true);
    }

    static bool IsSuccess(int status) => status is >= 200 and <= 299;

    static JsonElement? Response(JsonElement root) =>
        root.TryGetProperty("response", out var response) && response.ValueKind == JsonValueKind.Object ? response : null;

    // A JSON object, or null for anything else.
    static JsonElement? Parse(byte[] body)
    {
        if (body.Length > MostAnswer)
            throw new FunctionException(FunctionFault.Unrecognizable, string.Create(CultureInfo.InvariantCulture, $"the answer has more than {MostAnswer} bytes"));
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            return document.RootElement.ValueKind == JsonValueKind.Object ? document.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // What the function says to the person in front of it; of a flood the beginning.
    static string? Message(JsonElement? root)
    {
        foreach (var name in (string[])["errorMessage", "message"])
            if (root is { } error && error.TryGetProperty(name, out var text) && text.ValueKind == JsonValueKind.String)
                return text.GetString()! is { Length: > MostMessage } flood ? flood[..MostMessage] : text.GetString();
        return null;
    }
}
