using Poolhouse.Storage;

namespace Poolhouse.Server.Revocations.Ssf;

/// <summary>POST /{poolId}/ssf/poll/{streamId}: acknowledges and fetches events (RFC 8936). Without returnImmediately it waits for one, up to 30 s.</summary>
static class PollEndpoint
{
    const int MostWaiting = 1000;
    static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(30);

    // A wake-up between nodes can be lost.
    static readonly TimeSpan Floor = TimeSpan.FromSeconds(1);
    static int waiting;

    public static async Task<IResult> Handle(
        HttpContext context, string poolId, string streamId, SsfAccess access, PollDelivery polls, SsfDeliveryStore deliveries, SsfBell bell,
        IHostApplicationLifetime host, CancellationToken cancel)
    {
        var owner = await access.Check(context.Request, poolId, cancel);
        var request = PollRequest.Of(await SsfBody.Read(context.Request, cancel));
        var stream = await access.Own(owner, poolId, streamId, cancel);
        if (stream.Settings.Method != SsfMethod.Poll) throw new FeedException(400, "invalid_request", "This stream is pushed.");
        await deliveries.Touch(stream);
        await polls.Take(stream, request, cancel);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel, host.ApplicationStopping);
        patience.CancelAfter(MostPatience);
        while (true)
        {
            var news = bell.Next(poolId);
            // Read again each time: acknowledgements move it, and its receiver may pause or delete it meanwhile.
            stream = await access.Own(owner, poolId, streamId, cancel);
            var sets = await polls.Read(stream, request.MaxEvents, cancel);
            if (sets.Sets.Count > 0 || request.ReturnImmediately || request.MaxEvents == 0 || !await Wait(news, patience.Token))
                return TypedResults.Json(sets, SsfJson.Default.PolledSets);
        }
    }

    // False when the answer is due although there is nothing new.
    static async Task<bool> Wait(Task news, CancellationToken patience)
    {
        if (patience.IsCancellationRequested) return false;
        try
        {
            if (Interlocked.Increment(ref waiting) > MostWaiting) return false;
            await news.WaitAsync(Floor, patience);
            return true;
        }
        catch (TimeoutException)
        {
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref waiting);
        }
    }
}
