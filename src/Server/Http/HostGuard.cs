using System.Net;

namespace Poolhouse.Server.Http;

/// <summary>
/// Refuses requests for names that are not ours, so that a poisoned Host header or a rebound DNS name reaches nothing.
/// Links and issuers never come from it anyway.
/// </summary>
/// <param name="names">The names that are ours, without ports.</param>
/// <param name="suffixes">Under these every name is ours.</param>
/// <param name="anyAddress">Whether bare addresses are accepted: a rebinding attack needs a name.</param>
public sealed class HostGuard(IEnumerable<string> names, IEnumerable<string> suffixes, bool anyAddress)
{
    /// <summary>What a request for another name is answered.</summary>
    public const string Refused = "This server is not called by that name.\n";

    readonly HashSet<string> names = new(names, StringComparer.OrdinalIgnoreCase);
    readonly string[] suffixes = [.. suffixes.Select(suffix => "." + suffix)];

    /// <summary>Lets a request pass or answers 400.</summary>
    public Task Check(HttpContext context, RequestDelegate next)
    {
        var host = context.Request.Host.Host;
        // Probes of load balancers name the node by its address.
        if (IsOurs(host) || context.Request.Path.Value is "/healthz" or "/readyz") return next(context);
        context.Response.StatusCode = StatusCodes.Status400BadRequest;
        return context.Response.WriteAsync(Refused, context.RequestAborted);
    }

    bool IsOurs(string host) =>
        names.Contains(host)
        || suffixes.Any(suffix => host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))
        || (IPAddress.TryParse(host, out var address) && (anyAddress || (IPAddress.IsLoopback(address) && names.Contains("localhost"))));
}
