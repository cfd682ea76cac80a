using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;

namespace Poolhouse.Bff.Endpoints;

/// <summary>
/// Tells a call of our own page from one that another site, a sibling subdomain included, makes with our cookie (RFC 10017 §6.1.3.3). A header that no form or image can
/// carry makes the browser ask first where the caller is of another origin, and nothing here ever answers that; the headers that only the browser writes say it again.
/// </summary>
sealed class CallGate(CheckedBffOptions options)
{
    /// <summary>The header that every call carries, with the value 1.</summary>
    public const string Header = "X-Bff";

    /// <summary>Why a call is refused; null for one of our own page. GET is asked no less: it reads.</summary>
    public string? Refusal(HttpRequest request)
    {
        var headers = request.Headers;
        if (headers["Sec-Fetch-Site"] is { Count: > 0 } site && site is not ["same-origin"]) return $"Sec-Fetch-Site is {Shown(site)}, not same-origin";
        var origin = headers.Origin;
        if (origin.Count > 0 && !IsOurs(origin)) return $"Origin is {Shown(origin)}, not {options.PublicUrl}";
        // A page cannot add headers to the handshake of a WebSocket; there the browser always says where it comes from.
        if (IsWebSocket(request)) return origin.Count == 0 ? "a WebSocket without Origin" : null;
        return headers[Header] is ["1"] ? null : $"the header {Header}: 1 is missing";
    }

    /// <summary>Why a form may not be taken; null for one of our own page.</summary>
    public string? FormRefusal(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site) return site is ["same-origin"] ? null : $"Sec-Fetch-Site is {Shown(site)}";
        return IsOurs(request.Headers.Origin) ? null : "neither Sec-Fetch-Site nor Origin names this site";
    }

    public static bool IsWebSocket(HttpRequest request) =>
        request.HttpContext.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true, Protocol: "websocket" }
        || (HttpMethods.IsGet(request.Method) && string.Equals(request.Headers.Upgrade, "websocket", StringComparison.OrdinalIgnoreCase)
            && request.HttpContext.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true });

    bool IsOurs(StringValues origin) => origin is [{ } one] && string.Equals(one, options.PublicUrl, StringComparison.OrdinalIgnoreCase);

    static string Shown(StringValues value) => new([.. value.ToString().Take(100).Select(character => char.IsControl(character) ? '?' : character)]);
}
