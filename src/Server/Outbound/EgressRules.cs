using System.Net;
using System.Net.Sockets;

namespace Poolhouse.Server.Outbound;

/// <summary>What calls to other people's servers may reach.</summary>
/// <param name="AllowPrivate">Networks that outgoing calls may reach although they are not public, like 10.1.0.0/16, separated by commas; unset, only public addresses are called.</param>
public sealed record OutboundOptions(string? AllowPrivate = null);

/// <summary>
/// Which URLs may be called at somebody's wish. Whoever may name a URL must not reach what only this machine can reach: its
/// own ports, its private network, the cloud's metadata service (security.md C19).
/// </summary>
public sealed class EgressRules
{
    const int MostUrl = 2048;

    // IANA's special-purpose registries: what is not globally reachable, or leads to an IPv4 address by a way of its own.
    static readonly IPNetwork[] Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24",
            "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
        }.Select(IPNetwork.Parse),
    ];

    static readonly IPNetwork GlobalUnicast = IPNetwork.Parse("2000::/3");

    readonly IPNetwork[] allowed;
    readonly bool loopback;
    readonly bool plainInside;

    /// <summary>Reads the rules.</summary>
    /// <param name="options">The host setting.</param>
    /// <param name="loopback">Whether this machine itself may be called, by plain http too: `poolhouse dev`.</param>
    /// <exception cref="FormatException">The setting holds something that is no network.</exception>
    public EgressRules(OutboundOptions options, bool loopback)
    {
        allowed = [.. (options.AllowPrivate ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(IPNetwork.Parse)];
        this.loopback = loopback;
    }

    EgressRules(EgressRules others)
    {
        (allowed, loopback) = (others.allowed, others.loopback);
        plainInside = true;
    }

    /// <summary>
    /// The same rules for URLs that stand in the host settings: who names the URL also names the network here, and so vouches for it
    /// when it is called by plain http.
    /// </summary>
    public EgressRules OfOperator() => new(this);

    /// <summary>Whether an address may be connected to.</summary>
    /// <param name="address">What the name resolved to, just now.</param>
    /// <param name="plain">Whether the call is not protected by TLS.</param>
    public bool Allows(IPAddress address, bool plain = false)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (loopback && IPAddress.IsLoopback(address)) return true;
        if (plain && !plainInside) return false;
        return Array.Exists(allowed, network => network.Contains(address)) || (!plain && IsPublic(address));
    }

    /// <summary>Reads a URL that somebody asks to be called at; false for one that never will be. Names are looked up when the call is made.</summary>
    public bool TryRead(string text, out Uri url)
    {
        url = null!;
        if (text.Length > MostUrl || text.Any(character => character is <= ' ' or > '~') || !Uri.TryCreate(text, UriKind.Absolute, out var parsed)) return false;
        if (parsed.Scheme is not ("https" or "http") || parsed.UserInfo.Length > 0 || parsed.Fragment.Length > 0 || parsed.Host.Length == 0) return false;
        var plain = parsed.Scheme == "http";
        if (IPAddress.TryParse(parsed.IdnHost, out var address) ? !Allows(address, plain) : plain && !plainInside && !(loopback && parsed.Host == "localhost")) return false;
        url = parsed;
        return true;
    }

    static bool IsPublic(IPAddress address) =>
        (address.AddressFamily == AddressFamily.InterNetwork || GlobalUnicast.Contains(address)) && !Array.Exists(Special, network => network.Contains(address));
}
