using System.Globalization;

namespace Poolhouse.Storage;

/// <summary>The refresh-token keys that count: each is derived from the master key under its number.</summary>
/// <param name="Id">The key of new sessions, 1 to 65535.</param>
/// <param name="Oldest">Sessions under an older key are over (<see cref="SessionStore.Find"/>): they come from a database that was restored since.</param>
public sealed record RefreshKey(long Id, long Oldest = 1);

/// <summary>Where the numbers of the refresh-token keys are kept.</summary>
public static class RefreshKeys
{
    const string Current = "refresh-key";
    const string Oldest = "refresh-key-oldest";

    /// <summary>The keys as they stand.</summary>
    public static async Task<RefreshKey> Read(Tx tx) => new(Number(await Meta.InsertOrRead(tx, Current, "1")), Number(await Meta.InsertOrRead(tx, Oldest, "1")));

    /// <summary>Takes the next key and retires all before it: whoever holds a refresh token must sign in again.</summary>
    public static async Task<RefreshKey> Retire(Tx tx)
    {
        var next = (await Read(tx)).Id + 1;
        await Meta.Set(tx, Current, next.ToString(CultureInfo.InvariantCulture));
        await Meta.Set(tx, Oldest, next.ToString(CultureInfo.InvariantCulture));
        return new(next, next);
    }

    static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
