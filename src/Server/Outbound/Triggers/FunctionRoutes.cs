namespace Poolhouse.Server.Outbound.Triggers;

/// <summary>Where a function is called.</summary>
/// <param name="Url">The URL.</param>
/// <param name="IsLambda">Whether Lambda's Invoke protocol is spoken there; else the event is the body of a POST and the answer that of its reply.</param>
public sealed record FunctionRoute(Uri Url, bool IsLambda);

/// <summary>From the ARNs that pools name to URLs. Both come from the host settings alone: who may change a pool cannot have another URL called.</summary>
public sealed class FunctionRoutes
{
    const string LambdaPath = "/2015-03-31/functions/";

    readonly Dictionary<string, FunctionRoute> byName = new(StringComparer.Ordinal);
    readonly string? endpoint;

    /// <summary>Reads the settings.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="rules">Which URLs may be called.</param>
    /// <exception cref="FormatException">A URL will never be called, or an entry has none.</exception>
    public FunctionRoutes(TriggerOptions options, EgressRules rules)
    {
        if (options.Endpoint is { } lambda) endpoint = Url(lambda.TrimEnd('/'), rules).AbsoluteUri.TrimEnd('/');
        foreach (var entry in (options.Functions ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (entry.Split('=', 2, StringSplitOptions.TrimEntries) is not [{ Length: > 0 } name, var text])
                throw new FormatException($"Triggers:Functions must list name=url, separated by commas; '{Shown(entry)}' is no such entry.");
            var url = Url(text, rules);
            if (!byName.TryAdd(name, new(url, url.AbsolutePath.Contains(LambdaPath, StringComparison.Ordinal))))
                throw new FormatException($"Triggers:Functions lists {name} twice.");
        }
    }

    /// <summary>Where the function of an ARN is called, or null if nothing says so.</summary>
    public FunctionRoute? Find(string arn)
    {
        var name = Name(arn);
        if (byName.TryGetValue(arn, out var route) || byName.TryGetValue(name, out route) || byName.TryGetValue(name.Split(':')[0], out route)) return route;
        return endpoint is null || !IsName(name) ? null : new(new($"{endpoint}{LambdaPath}{Uri.EscapeDataString(name)}/invocations"), IsLambda: true);
    }

    /// <summary>Every URL that the settings name.</summary>
    public IEnumerable<Uri> Urls => byName.Values.Select(route => route.Url).Concat(endpoint is null ? [] : [new Uri(endpoint)]);

    // arn:aws:lambda:region:account:function:name, with a version or alias behind it or not.
    static string Name(string arn) => arn.Split(':', 7) is [_, _, _, _, _, _, { Length: > 0 } name] ? name : arn;

    // It becomes a part of a path: "..", which an ARN may hold, would be another path.
    static bool IsName(string name) => name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or ':' or '$');

    static Uri Url(string text, EgressRules rules) => rules.TryRead(text, out var url) ? url : throw new FormatException(
        $"Triggers: '{Shown(text)}' cannot be called. A URL is https, or http on this machine in `poolhouse dev`, or http within Outbound:AllowPrivate.");

    // What stands before the host, or behind the path, can be a secret.
    static string Shown(string text) => text.Split('?', '#')[0] is var plain && plain.LastIndexOf('@') is >= 0 and var at ? "…" + plain[at..] : plain;
}
