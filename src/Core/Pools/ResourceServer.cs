using Poolhouse.Core.Constraints;

namespace Poolhouse.Core.Pools;

/// <summary>An API whose scopes clients of the pool may be granted.</summary>
public sealed record ResourceServer(string PoolId, string Identifier, string Name, IReadOnlyList<ResourceServerScope> Scopes)
{
    /// <summary>The server's own identifier: its scopes always exist, are never listed and never granted to users.</summary>
    public const string Reserved = "poolhouse";

    /// <summary>The scopes of the reserved identifier, for guards and other confidential clients.</summary>
    public static readonly IReadOnlySet<string> ReservedScopes = new HashSet<string>(StringComparer.Ordinal) { "poolhouse/introspect", "poolhouse/revocations.read" };

    /// <summary>The scopes that need no resource server.</summary>
    public static readonly IReadOnlySet<string> StandardScopes =
        new HashSet<string>(StringComparer.Ordinal) { "openid", "email", "phone", "profile", "aws.cognito.signin.user.admin" };
}

/// <summary>One scope of a resource server.</summary>
public sealed record ResourceServerScope(
    [Length(1, 256), Pattern(@"[\x21\x23-\x2E\x30-\x5B\x5D-\x7E]+")] string ScopeName,
    [Length(1, 256)] string ScopeDescription);
