namespace Poolhouse.Bff.Proxy;

/// <summary>
/// Takes the part of a request target that goes on to an API. The fixed prefix on both sides is a promise only if no server behind can read the rest as something that
/// leaves it, so everything that some server decodes into a way up or a new host is refused: encoded slashes and dots, backslashes, empty and dot segments, also when encoded twice.
/// </summary>
static class SafePath
{
    const int Rounds = 3;

    /// <summary>The path after the prefix, with the slash that it begins with, as it came; empty for the prefix itself; null if it is refused.</summary>
    /// <param name="target">The request target of the wire: <c>/api/orders?open=1</c>.</param>
    /// <param name="prefix">Path base and prefix, without a slash at its end.</param>
    public static string? After(string target, string prefix)
    {
        var path = target.AsSpan(0, target.IndexOf('?', StringComparison.Ordinal) is var query and >= 0 ? query : target.Length).ToString();
        // An encoded letter in the prefix itself (/%61pi) is routed here too, and is nobody's honest spelling.
        if (!path.StartsWith(prefix, StringComparison.Ordinal)) return null;
        var rest = path[prefix.Length..];
        if (rest.Length == 0) return rest;
        if (rest[0] != '/' || !IsSafe(rest)) return null;
        return rest;
    }

    static bool IsSafe(string path)
    {
        var slashes = path.AsSpan().Count('/');
        for (var round = 0; round < Rounds; round++)
        {
            if (path.AsSpan().Count('/') != slashes || path.Contains("//", StringComparison.Ordinal)) return false;
            if (path.Any(character => character is '\\' or '#' || char.IsControl(character))) return false;
            if (path.Split('/').Any(segment => segment.Split(';')[0] is "." or "..")) return false;
            var decoded = Uri.UnescapeDataString(path);
            if (decoded == path) return true;
            path = decoded;
        }
        return false;
    }
}
