using System.Text.Json;

namespace Poolhouse.Trials.Soak;

/// <summary>People who come and go: they sign in, refresh, show their tokens, and sign out or just stay away; wrong passwords and forgotten ones between them.</summary>
sealed class Load(Host host, string poolId, string clientId, bool leaks)
{
    public const int People = 20;
    public const string Password = "Poolhouse-1";

    static readonly List<byte[]> Kept = [];

    long signIns;
    long refreshes;
    long revocations;
    long failed;

    public long SignIns => Interlocked.Read(ref signIns);

    public long Refreshes => Interlocked.Read(ref refreshes);

    public long Revocations => Interlocked.Read(ref revocations);

    /// <summary>Requests that were not answered as they should have been.</summary>
    public long Failed => Interlocked.Read(ref failed);

    public string? Failure { get; private set; }

    /// <summary>One person after the other, until it is over.</summary>
    public async Task Walk(Chance chance, Func<bool> over)
    {
        while (!over()) await Visit(chance);
    }

    /// <summary>Somebody who reads the feed for a while, goes, and comes again.</summary>
    public async Task Listen(Func<bool> over)
    {
        while (!over())
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
            try
            {
                await using var stream = await host.Http.GetStreamAsync(new Uri($"{host.Url}/{poolId}/revocations/stream"), patience.Token);
                var buffer = new byte[4096];
                while (await stream.ReadAsync(buffer, patience.Token) > 0)
                {
                    // Whatever it says.
                }
            }
            catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
            {
                // Gone, and back.
            }
        }
    }

    async Task Visit(Chance chance)
    {
        var who = $"person{chance.Below(People)}";
        if (chance.Of(0.1)) await host.Call("InitiateAuth", Auth($"nobody{chance.Below(50)}", "Wrong-Password-1"));
        if (chance.Of(0.05)) await host.Call("ForgotPassword", $$"""{"ClientId":"{{clientId}}","Username":"{{who}}"}""");
        if (Good(await host.Call("InitiateAuth", Auth(who, Password)), "a sign-in") is not { } reply) return;
        Interlocked.Increment(ref signIns);
        var tokens = reply.GetProperty("AuthenticationResult");
        var (refresh, access) = (tokens.GetProperty("RefreshToken").GetString()!, tokens.GetProperty("AccessToken").GetString()!);
        for (var times = chance.Below(12); times > 0; times--)
        {
            if (await Post("token", ("grant_type", "refresh_token"), ("client_id", clientId), ("refresh_token", refresh)) is not { } next) return;
            Interlocked.Increment(ref refreshes);
            refresh = next.GetProperty("refresh_token").GetString()!;
            access = next.GetProperty("access_token").GetString()!;
        }
        if (chance.Of(0.3)) await host.Call("GetUser", $$"""{"AccessToken":"{{access}}"}""");
        // Half of them just stay away, and their sessions come to their end.
        if (chance.Of(0.5)) return;
        if (await Post("revoke", ("client_id", clientId), ("token", refresh)) is not null) Interlocked.Increment(ref revocations);
    }

    async Task<JsonElement?> Post(string endpoint, params (string Name, string Value)[] form)
    {
        using var content = new FormUrlEncodedContent(form.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var reply = await host.Http.PostAsync(new Uri($"{host.Url}/oauth2/{endpoint}"), content);
        var bytes = await reply.Content.ReadAsByteArrayAsync();
        if (leaks) lock (Kept) Kept.Add(new byte[50_000]);
        return Good(((int)reply.StatusCode, bytes.Length == 0 ? default : JsonElement.Parse(bytes)), endpoint);
    }

    JsonElement? Good((int Status, JsonElement Body) reply, string what)
    {
        if (reply.Status == 200) return reply.Body;
        // 503 is an answer of a server that has enough to do.
        if (reply.Status == 503) return null;
        Interlocked.Increment(ref failed);
        Failure ??= $"{what}: {reply}";
        return null;
    }

    string Auth(string name, string password) =>
        $$$"""{"ClientId":"{{{clientId}}}","AuthFlow":"USER_PASSWORD_AUTH","AuthParameters":{"USERNAME":"{{{name}}}","PASSWORD":"{{{password}}}"}}""";
}
