using Poolhouse.Core.Pools;

namespace Poolhouse.Core.Sessions;

/// <summary>What a function of the pool wants to be different in the tokens of one minting.</summary>
/// <param name="Id">Changes of the ID token's claims, or null.</param>
/// <param name="Access">Changes of the access token's claims, or null.</param>
/// <param name="Scopes">Changes of the access token's scopes, or null.</param>
/// <param name="Groups">The groups that both tokens name instead of the user's own, or null.</param>
public sealed record TokenOverrides(ClaimOverrides? Id, ClaimOverrides? Access, ScopeOverrides? Scopes, GroupClaims? Groups);

/// <summary>Changes of scopes. They last for one token: what the session was granted stays as it is.</summary>
/// <param name="Add">Scopes that need not exist.</param>
/// <param name="Suppress">Scopes that go, those included that are added.</param>
public sealed record ScopeOverrides(IReadOnlyList<string>? Add, IReadOnlyList<string>? Suppress)
{
    /// <summary>The scopes of a token that was to have these.</summary>
    public string Apply(string granted) => string.Join(' ', granted.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Concat((Add ?? []).Where(MayBeAdded)).Distinct(StringComparer.Ordinal).Where(scope => Suppress?.Contains(scope) != true));

    // What the server's own endpoints go by is not given away by a function: it is granted, or it is not there.
    static bool MayBeAdded(string scope) =>
        scope.Length > 0 && !scope.Any(character => character is <= ' ' or > '~' or '"' or '\\')
        && !scope.StartsWith("aws.cognito.", StringComparison.Ordinal) && !scope.StartsWith(ResourceServer.Reserved + "/", StringComparison.Ordinal);
}
