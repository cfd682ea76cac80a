namespace Poolhouse.Server;

/// <summary>
/// The end of a node that others go on without: it is not ready any more and answers everything for a while, so that a proxy which
/// looks at /readyz has stopped sending before the first connection is refused.
/// </summary>
sealed class Drain(TimeSpan patience) : IHostedLifecycleService
{
    static readonly TimeSpan InFlight = TimeSpan.FromSeconds(9);

    public static void Add(IServiceCollection services, TimeSpan patience)
    {
        services.Configure<HostOptions>(host => host.ShutdownTimeout = patience + InFlight);
        services.AddHostedService(_ => new Drain(patience));
    }

    /// <summary>Why no more should be sent, once the host has been told to stop.</summary>
    public static string? NotReady(IHostApplicationLifetime life) => life.ApplicationStopping.IsCancellationRequested ? "The server stops." : null;

    // Before anything else is stopped.
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.Delay(patience, cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
