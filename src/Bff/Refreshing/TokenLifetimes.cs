using System.Security.Cryptography;
using Poolhouse.Bff.Provider;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Refreshing;

/// <summary>When tokens end, and when they are to be replaced: ahead of their end, by a margin with chance in it, so that ten thousand sessions of one morning are not refreshed in one second.</summary>
sealed class TokenLifetimes(CheckedBffOptions options, TimeProvider time)
{
    /// <summary>The tokens of a sign-in.</summary>
    public SessionTokens Of(Granted granted) => Of(granted, new("", null, null, 0, 0));

    /// <summary>The tokens of a refresh; what it left out goes on.</summary>
    public SessionTokens Of(Granted granted, SessionTokens before)
    {
        var life = TimeSpan.FromSeconds(granted.ExpiresIn);
        var ahead = options.Given.RefreshAhead < life / 3 ? options.Given.RefreshAhead : life / 3;
        ahead *= 1 + RandomNumberGenerator.GetInt32(500) / 1000.0;
        var now = time.GetUtcNow();
        return new(granted.Access, granted.Refresh ?? before.Refresh, granted.Id ?? before.Id, (now + life).ToUnixTimeMilliseconds(), (now + life - ahead).ToUnixTimeMilliseconds());
    }
}
