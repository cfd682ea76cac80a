using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Net.Http.Headers;

namespace Poolhouse.Server.Http;

/// <summary>The few files that pages load: embedded, on an allow-list, addressed by their hash and therefore kept for ever.</summary>
static class Assets
{
    const string Script = "text/javascript; charset=utf-8";
    static readonly Asset Water = Asset.Embedded("water.svg", "image/svg+xml");

    static readonly FrozenDictionary<string, Asset> Known = new[]
    {
        Asset.Embedded("pages.css", "text/css; charset=utf-8").Naming(Water),
        Asset.Embedded("mark.svg", "image/svg+xml"),
        Water,
        Asset.Embedded("playground.css", "text/css; charset=utf-8").Naming(Water),
        Asset.Embedded("playground.js", Script),
        Asset.Embedded("playground-calls.js", Script),
        Asset.Embedded("playground-session.js", Script),
        Asset.Embedded("playground-checks.js", Script),
        Asset.Embedded("playground-tokens.js", Script),
        Asset.Embedded("playground-lifetimes.js", Script),
        Asset.Embedded("playground-snippets.js", Script),
        Asset.Embedded("playground-words.js", Script),
        // The client package as it stands in client/src: what the playground imports is what apps import.
        Asset.Embedded("client/index.js", Script),
        Asset.Embedded("client/session.js", Script),
        Asset.Embedded("client/token-session.js", Script),
        Asset.Embedded("client/bff-session.js", Script),
        Asset.Embedded("client/provider.js", Script),
        Asset.Embedded("client/tabs.js", Script),
    }.ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);

    public static void Map(IEndpointRouteBuilder routes) =>
        routes.MapMethods("/assets/{**name}", [HttpMethods.Get, HttpMethods.Head], Get);

    public static string Url(string name) => $"/assets/{name}?v={Known[name].Hash}";

    static IResult Get(string? name, string? v, HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.XContentTypeOptions = "nosniff";
        if (name is null || !Known.TryGetValue(name, out var asset)) return TypedResults.NotFound();

        // While nodes of two versions run, a page of one may ask the other: such an answer must not be kept under the wrong hash.
        headers.CacheControl = v == asset.Hash ? "public, max-age=31536000, immutable" : "no-cache";
        return TypedResults.Bytes(asset.Bytes, asset.ContentType, entityTag: new EntityTagHeaderValue($"\"{asset.Hash}\""));
    }

    /// <summary>One embedded file, read once.</summary>
    sealed record Asset(string Name, string ContentType, byte[] Bytes)
    {
        public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(Bytes))[..16];

        public static Asset Embedded(string name, string contentType)
        {
            using var stream = typeof(Assets).Assembly.GetManifestResourceStream("assets/" + name)
                ?? throw new InvalidOperationException($"The asset {name} is not embedded.");
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            return new(name, contentType, bytes);
        }

        /// <summary>The same sheet, which asks for the other file by its hash, so that its own hash covers both.</summary>
        public Asset Naming(Asset other)
        {
            var text = Encoding.UTF8.GetString(Bytes);
            return new(Name, ContentType, Encoding.UTF8.GetBytes(text.Replace($"url(\"{other.Name}\")", $"url(\"{other.Name}?v={other.Hash}\")", StringComparison.Ordinal)));
        }
    }
}
