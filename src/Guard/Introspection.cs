using System.Text.Json;
using Poolhouse.Tokens;

namespace Poolhouse.Guard;

/// <summary>What the issuer says of a token when it is asked.</summary>
enum Activity
{
    /// <summary>It is good now.</summary>
    Active,

    /// <summary>It is not.</summary>
    Inactive,

    /// <summary>There was no answer.</summary>
    Unknown,
}

/// <summary>
/// Asks the issuer (RFC 7662). After failures in a row nobody is asked for a while, so that an issuer in trouble is not asked by
/// every call of every API, and calls are not held up by it.
/// </summary>
sealed class Introspection(Func<CancellationToken, Task<PoolEndpoints>> endpoints, (string Id, string Secret)? credentials, HttpClient http, TimeProvider time, GuardLog log)
{
    const int FailuresInRow = 5;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(2);

    int failures;
    long openedAt;

    public async Task<Activity> Ask(string token, CancellationToken cancel)
    {
        if (credentials is not { } caller || IsOpen) return Activity.Unknown;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            var active = await Ask(caller, token, patience.Token);
            Interlocked.Exchange(ref failures, 0);
            return active ? Activity.Active : Activity.Inactive;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            if (Interlocked.Increment(ref failures) >= FailuresInRow) Volatile.Write(ref openedAt, time.GetTimestamp());
            log.IntrospectionFailed(e);
            return Activity.Unknown;
        }
    }

    // Open: nobody is asked. After its time one failure more is enough to open it again.
    bool IsOpen => Volatile.Read(ref failures) >= FailuresInRow && time.GetElapsedTime(Volatile.Read(ref openedAt)) < OpenFor;

    async Task<bool> Ask((string Id, string Secret) caller, string token, CancellationToken cancel)
    {
        var endpoint = (await endpoints(cancel)).Introspection ?? throw new InvalidOperationException("The discovery document names no introspection endpoint.");
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new FormUrlEncodedContent([new("token", token), new("token_type_hint", "access_token")]) };
        request.Headers.Authorization = MachineToken.Basic(caller.Id, caller.Secret);
        using var reply = await http.SendAsync(request, cancel);
        reply.EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await reply.Content.ReadAsByteArrayAsync(cancel));
        return answer.RootElement.GetProperty("active").GetBoolean();
    }
}
