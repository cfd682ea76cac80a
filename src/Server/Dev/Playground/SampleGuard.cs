using Poolhouse.Core.Pools;
using Poolhouse.Guard;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Dev.Playground;

/// <summary>
/// The guard before the sample API: the one that APIs use, reading this server's keys and feed over HTTP like any other. Made with the
/// first call, since the seed says which pool is played with.
/// </summary>
sealed class SampleGuard(ServerOptions server, DevOptions dev, ILoggerFactory loggers) : IAsyncDisposable
{
    readonly SemaphoreSlim making = new(1);
    CognitoGuard? made;
    string? madeFor;

    public async Task<CognitoGuard> For(UserPool pool, CancellationToken cancel)
    {
        var issuer = server.IssuerOf(pool);
        await making.WaitAsync(cancel);
        try
        {
            if (made is not null && madeFor == issuer) return made;
            if (made is not null) await made.DisposeAsync();
            // The public URL may be a name that only browsers know. Every client of the pool may play with the sample, also from a shell.
            made = new(new() { Issuer = issuer, PoolUrl = $"http://127.0.0.1:{dev.Port}/{pool.Id}", AnyClient = true }, loggers);
            madeFor = issuer;
            await made.StartAsync(cancel);
            return made;
        }
        finally
        {
            making.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (made is not null) await made.DisposeAsync();
        making.Dispose();
    }
}
