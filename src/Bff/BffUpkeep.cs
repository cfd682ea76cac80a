using Microsoft.Extensions.Hosting;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff;

/// <summary>What a node does beside its calls: looks whether the sessions of long connections still live, and lets the store forget what is over.</summary>
sealed class BffUpkeep(SessionVault vault, SessionWatch watch, CheckedBffOptions options, TimeProvider time, BffTelemetry told) : BackgroundService
{
    static readonly TimeSpan ForgetEvery = TimeSpan.FromMinutes(5);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        Every(options.Given.WatchEvery, LookAfterConnections, stoppingToken),
        Every(ForgetEvery, cancel => vault.RemoveForgotten(cancel).AsTask(), stoppingToken));

    async Task LookAfterConnections(CancellationToken cancel)
    {
        foreach (var id in watch.Ids())
            if (await vault.Find(id, cancel) is not { } held || vault.EndOf(held.State) is not null) watch.End(id);
    }

    async Task Every(TimeSpan pause, Func<CancellationToken, Task> work, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, time, stop);
                await work(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The node stops.
            }
            catch (Exception fault)
            {
                told.StoreFailed(fault);
            }
        }
    }
}
