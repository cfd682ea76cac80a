using System.Security.Cryptography;
using System.Text;

namespace Poolhouse.Core;

/// <summary>A value that must not be printed; its only comparison takes the same time for every input of a length.</summary>
public readonly struct Secret(string value)
{
    /// <summary>The clear value, for the one place that needs it.</summary>
    public string Reveal() => value;

    /// <summary>Whether another value is the same, in fixed time.</summary>
    public bool Matches(string? other) => other is not null &&
        CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(value)), SHA256.HashData(Encoding.UTF8.GetBytes(other)));

    /// <summary>Never the value: a secret in an interpolated log line stays hidden.</summary>
    public override string ToString() => "[secret]";
}
