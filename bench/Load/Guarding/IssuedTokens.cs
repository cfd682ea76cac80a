using Poolhouse.Load.Peers;

namespace Poolhouse.Load.Guarding;

/// Real access tokens for whoever checks tokens, of many sessions each some, in a folder; and the server that has issued them, which still runs.
sealed class IssuedTokens : IAsyncDisposable
{
    const int Sessions = 1000;
    const int TokensOfEach = 5;

    readonly ServerProcess server;

    IssuedTokens(ServerProcess server, PoolhousePeer peer, string folder, string[] known) =>
        (this.server, Issuer, ClientId, Folder, Known) = (server, peer.Issuer, peer.ClientId, folder, known);

    public string Issuer { get; }
    public string ClientId { get; }

    /// What a Meter reads.
    public string Folder { get; }

    /// One token of each session.
    public string[] Known { get; }

    public static async Task<IssuedTokens> Have(Options options, Paths paths, HttpClient http)
    {
        var sessions = Math.Max(100, (int)(Sessions * options.Scale));
        Console.Error.WriteLine($"signing in {sessions} sessions");
        var peer = Field.Poolhouse(paths, rotates: false);
        var folder = paths.Fresh("issued");
        // Nothing is measured here yet, and later this server only answers to heartbeats.
        var server = await peer.Start(http, folder, paths.AllCores);
        try
        {
            var refreshTokens = new string[sessions];
            await Parallel.ForAsync(0, sessions, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) => refreshTokens[i] = await peer.SignIn(http));
            // Sorted by turn: the first tokens are of one session each.
            var tokens = new string[sessions * TokensOfEach];
            for (var i = 0; i < tokens.Length; i++)
                tokens[i] = peer.Read(await peer.Ask(http, peer.Refresh(refreshTokens[i % sessions]))).Access;

            await File.WriteAllLinesAsync(Path.Combine(folder, "tokens"), tokens);
            await File.WriteAllLinesAsync(Path.Combine(folder, "about"), [peer.Issuer, peer.ClientId, $"{sessions}"]);
            await File.WriteAllBytesAsync(Path.Combine(folder, "keys.json"), await http.GetByteArrayAsync(new Uri($"{peer.Issuer}/.well-known/jwks.json")));
            return new(server, peer, folder, tokens[..sessions]);
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
