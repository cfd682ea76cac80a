using System.Net;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;

namespace Poolhouse.Server.Tests.Actors;

/// <summary>What a browser got: never a redirect followed on its own.</summary>
public sealed record Page(Uri Address, int Status, string? Location, string Html, HttpResponseMessage Reply)
{
    public IHtmlDocument Document { get; } = new HtmlParser().ParseDocument(Html);

    /// <summary>The words of the problem box, or null.</summary>
    public string? Problem => Document.QuerySelector("[role=alert]")?.TextContent.Trim();

    public string Heading => Document.QuerySelector("h1")?.TextContent ?? "";

    public string? Header(string name) => Reply.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    /// <summary>A field of a form on the page.</summary>
    public string? Value(string field) => Document.QuerySelector($"input[name='{field}']")?.GetAttribute("value");

    /// <summary>A parameter that came back at the redirect URI, decoded.</summary>
    public string? Back(string name) => Location is null ? null : new Uri(Location).Query.TrimStart('?').Split('&')
        .Select(pair => pair.Split('=', 2)).Where(pair => pair[0] == name).Select(pair => Uri.UnescapeDataString(pair[1])).SingleOrDefault();
}

/// <summary>A person with a browser that keeps cookies and runs no scripts.</summary>
public sealed class Visitor(PoolhouseTestServer server, string? host = null)
{
    public Dictionary<string, string> Cookies { get; } = new(StringComparer.Ordinal);

    /// <summary>Every Set-Cookie line of the last answer.</summary>
    public string[] SetCookies { get; private set; } = [];

    public async Task<Page> Go(string url, (string Name, string Value)[]? headers = null) => await Send(HttpMethod.Get, url, null, headers);

    /// <summary>Goes somewhere and follows redirects for as long as they stay on the server.</summary>
    public async Task<Page> Open(string url)
    {
        var page = await Go(url);
        while (page.Location is { } next && new Uri(page.Address, next).Authority == page.Address.Authority) page = await Go(new Uri(page.Address, next).ToString());
        return page;
    }

    /// <summary>Sends the form that holds a field, its hidden fields included; a redirect is the answer.</summary>
    public Task<Page> Submit(Page page, string field, (string Name, string Value)[] values, (string Name, string Value)[]? headers = null) =>
        Send(page, $"input[name='{field}']", values, headers);

    /// <summary>Presses a button that stands for a choice.</summary>
    public Task<Page> Press(Page page, string choice) => Send(page, $"button[value='{choice}']", [("factor", choice)], null);

    Task<Page> Send(Page page, string part, (string Name, string Value)[] values, (string Name, string Value)[]? headers)
    {
        var form = page.Document.QuerySelector(part)?.Closest("form")
            ?? throw new InvalidOperationException($"No form with {part} at {page.Address} ({page.Status}): {page.Html}");
        var fields = form.QuerySelectorAll("input").Where(input => input.GetAttribute("type") == "hidden" || input.HasAttribute("readonly"))
            .ToDictionary(input => input.GetAttribute("name")!, input => input.GetAttribute("value") ?? "");
        foreach (var (name, value) in values) fields[name] = value;
        return Post(new Uri(page.Address, form.GetAttribute("action")).ToString(), [.. fields.Select(pair => (pair.Key, pair.Value))], headers);
    }

    /// <summary>Follows what a form led to, within the server.</summary>
    public async Task<Page> Follow(Page page) => await Open(new Uri(page.Address, page.Location).ToString());

    public Task<Page> Post(string url, (string Name, string Value)[] fields, (string Name, string Value)[]? headers = null) =>
        Send(HttpMethod.Post, url, new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))), headers);

    async Task<Page> Send(HttpMethod method, string url, HttpContent? body, (string Name, string Value)[]? headers)
    {
        var address = new Uri(new Uri(server.Url), url);
        using var request = new HttpRequestMessage(method, new UriBuilder(address) { Host = "localhost", Port = server.Port }.Uri) { Content = body };
        if (host is not null) request.Headers.Host = $"{host}:{server.Port}";
        request.Headers.Accept.ParseAdd("text/html");
        if (Cookies.Count > 0) request.Headers.Add("Cookie", string.Join("; ", Cookies.Select(cookie => $"{cookie.Key}={cookie.Value}")));
        foreach (var (name, value) in headers ?? []) request.Headers.TryAddWithoutValidation(name, value);
        var reply = await server.Http.SendAsync(request);
        SetCookies = reply.Headers.TryGetValues("Set-Cookie", out var lines) ? [.. lines] : [];
        foreach (var line in SetCookies) Keep(line);
        var location = reply.Headers.TryGetValues("Location", out var where) ? where.Single() : null;
        return new(address, (int)reply.StatusCode, location, await reply.Content.ReadAsStringAsync(), reply);
    }

    void Keep(string line)
    {
        var (name, value) = line.Split(';')[0].Split('=', 2) is [var first, var second] ? (first, second) : throw new InvalidOperationException(line);
        if (value.Length == 0) Cookies.Remove(name);
        else Cookies[name] = WebUtility.UrlDecode(value);
    }
}
