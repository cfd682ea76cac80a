namespace Poolhouse.Storage;

/// <summary>
/// Why something is written: the request that is being answered, where it came from and who asks. It flows with the request, and a
/// transaction takes it along from whoever asked for it, so that no call has to hand it down to the place that records it.
/// </summary>
/// <param name="request">The id of the request, as its reply shows it.</param>
/// <param name="address">The address that it came from, or null for one of the server's own.</param>
public sealed class Cause(string request, string? address)
{
    static readonly AsyncLocal<Cause?> Flowing = new();

    /// <summary>The cause of what is going on, or null where nobody asked: a purge, a command.</summary>
    public static Cause? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    /// <summary>The id of the request.</summary>
    public string Request { get; } = request;

    /// <summary>Where it came from.</summary>
    public string? Address { get; } = address;

    /// <summary>Who asks, as soon as that is proven: an access key, or the sub of a user.</summary>
    public string? Actor { get; set; }
}
