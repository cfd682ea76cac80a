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
/// Asks the issuer (RFC 7662). After failures in a row nobody is asked for a while, and then by one call alone, so that an issuer in trouble
/// is not asked by every call of every API, and calls are not held up by it.
/// </summary>
/// <param name="endpoints">Finds the endpoint.</param>
/// <param name="credentials">Who asks; without credentials nobody is asked.</param>
/// <param name="entitlement">
/// A token that only who may see the tokens of the whole pool is granted, or null where that cannot be told. To others a good token of another
/// client is not active (RFC 7662 §2.2), and their guard would sign people out.
/// </param>
/// <param name="http">Sends the requests.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where failures are told.</param>
sealed class Introspection(
    Func<CancellationToken, Task<PoolEndpoints>> endpoints, (string Id, string Secret)? credentials, MachineToken? entitlement, HttpClient http, TimeProvider time, GuardLog log)
{
    const int FailuresInRow = 5;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(2);

    readonly Lock access = new();
    int failures;
    long openedAt;
    bool trying;
    volatile bool entitled;

    public async Task<Activity> Ask(string token, CancellationToken cancel)
    {
        if (credentials is not { } caller || !MayAsk(out var alone)) return Activity.Unknown;
        using var late = new CancellationTokenSource(Patience, time);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            var active = await Ask(caller, token, patience.Token);
            lock (access) failures = 0;
            return active ? Activity.Active : Activity.Inactive;
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            lock (access)
                if (++failures >= FailuresInRow) openedAt = time.GetTimestamp();
            log.IntrospectionFailed(e);
            return Activity.Unknown;
        }
        finally
        {
            if (alone)
                lock (access) trying = false;
        }
    }

    // After failures nobody asks; when their time is over, one call tries for all.
    bool MayAsk(out bool alone)
    {
        lock (access)
        {
            alone = failures >= FailuresInRow;
            if (!alone) return true;
            if (trying || time.GetElapsedTime(openedAt) < OpenFor) return alone = false;
            return trying = true;
        }
    }

    async Task<bool> Ask((string Id, string Secret) caller, string token, CancellationToken cancel)
    {
        if (entitlement is not null && !entitled)
        {
            await entitlement.Get(cancel);
            entitled = true;
        }
        var endpoint = (await endpoints(cancel)).Introspection ?? throw new InvalidOperationException("The discovery document names no introspection endpoint.");
        using var request = new HttpRequestMessage(HttpMethod.Post, endpoint) { Content = new FormUrlEncodedContent([new("token", token), new("token_type_hint", "access_token")]) };
        request.Headers.Authorization = MachineToken.Basic(caller.Id, caller.Secret);
        using var reply = await http.SendAsync(request, cancel);
        reply.EnsureSuccessStatusCode();
        using var answer = JsonDocument.Parse(await reply.Content.ReadAsByteArrayAsync(cancel));
        return answer.RootElement.GetProperty("active").GetBoolean();
    }
}
