using System.Numerics;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Users;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>
/// The parameters of a sign-in: texts by name, whose bounds the request's own constraints cannot know. An empty value
/// counts as absent.
/// </summary>
/// <param name="given">What came, or null.</param>
/// <param name="member">The member that they came in, as validation messages name it.</param>
public sealed class AuthParameters(IReadOnlyDictionary<string, string>? given, string member)
{
    static readonly FormatAttribute UsernameFormat = new UsernameAttribute();
    static readonly FormatAttribute PasswordFormat = new PasswordAttribute();

    const string AttributePrefix = "userAttributes.";

    public string? SecretHash => this["SECRET_HASH"];

    /// <summary>The user name, in the form that user names have everywhere else.</summary>
    public string Username => Formatted("USERNAME", UsernameFormat);

    /// <summary>The values of <c>userAttributes.x</c>, by x.</summary>
    public IReadOnlyDictionary<string, string> Attributes => (given ?? new Dictionary<string, string>())
        .Where(pair => pair.Value is not null && pair.Key.StartsWith(AttributePrefix, StringComparison.Ordinal))
        .ToDictionary(pair => pair.Key[AttributePrefix.Length..], pair => pair.Value, StringComparer.Ordinal);

    /// <summary>The client's public SRP value, or null; one that would make the key known is refused.</summary>
    public BigInteger? SrpA => this["SRP_A"] is not { } hex ? null
        : Srp.TryReadPublic(hex, out var a) ? a : throw CognitoException.InvalidParameter("SRP_A is not a valid public value.");

    /// <summary>One parameter, or null.</summary>
    public string? this[string name] => given?.GetValueOrDefault(name) is { Length: > 0 } value ? value : null;

    /// <summary>One parameter that must be there.</summary>
    public string Required(string name) => this[name] ?? throw Missing(name);

    /// <summary>A password that is going to be stored, in the form that passwords have everywhere else.</summary>
    public string NewPassword(string name) => Formatted(name, PasswordFormat);

    /// <summary>The refusal of a call without a parameter that it needs.</summary>
    public static CognitoException Missing(string name) => CognitoException.InvalidParameter($"Missing required parameter {name}");

    string Formatted(string name, FormatAttribute format)
    {
        var value = Required(name);
        return format.Rules.Select(rule => rule.Violated(value)).FirstOrDefault(clause => clause is not null) is { } broken
            ? throw CognitoException.InvalidParameter($"1 validation error detected: Value at '{member}.{name}' failed to satisfy constraint: {broken}")
            : value;
    }
}
