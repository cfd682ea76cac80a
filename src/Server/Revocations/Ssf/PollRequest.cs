using System.Text.Json;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>What a receiver asks when it polls (RFC 8936 §2.4).</summary>
/// <param name="MaxEvents">How many tokens it takes at most; 0 only acknowledges.</param>
/// <param name="ReturnImmediately">Whether it wants an answer although there is nothing new.</param>
/// <param name="Ack">The jti of what it has taken.</param>
/// <param name="Errors">The jti of what it could not take, with the error code.</param>
sealed record PollRequest(int MaxEvents, bool ReturnImmediately, List<string> Ack, List<(string Jti, string Error)> Errors)
{
    /// <summary>Tokens in one answer, whatever is asked for.</summary>
    public const int Most = 100;

    const int MostJti = 128;

    public static PollRequest Of(SsfBody body) => new(
        Max(body.Find("maxEvents")), Immediately(body.Find("returnImmediately")), Acks(body.Find("ack")), Errs(body.Find("setErrs")));

    static int Max(JsonElement? given)
    {
        if (given is not { } value) return Most;
        return value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var max) && max >= 0
            ? Math.Min(max, Most) : throw SsfBody.Bad("maxEvents must be a whole number, 0 or more.");
    }

    static bool Immediately(JsonElement? given) => given?.ValueKind switch
    {
        null or JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw SsfBody.Bad("returnImmediately must be true or false."),
    };

    static List<string> Acks(JsonElement? given)
    {
        if (given is not { } list) return [];
        if (list.ValueKind != JsonValueKind.Array) throw SsfBody.Bad("ack must be an array of jti.");
        return [.. list.EnumerateArray().Select(item => SsfBody.Value(item, "A jti in ack", MostJti))];
    }

    static List<(string Jti, string Error)> Errs(JsonElement? given)
    {
        if (given is not { } errors) return [];
        if (errors.ValueKind != JsonValueKind.Object) throw SsfBody.Bad("setErrs must be an object.");
        return [.. errors.EnumerateObject().Select(error => (error.Name, error.Value.ValueKind == JsonValueKind.Object && SsfBody.Text(error.Value, "err", 64) is { } code
            ? code : throw SsfBody.Bad("An error in setErrs must be an object with err.")))];
    }
}
