namespace Poolhouse.Bff;

/// <summary>How calls to one API are passed on.</summary>
public sealed class BffApiOptions
{
    /// <summary>How long a call may show no sign of life in either direction, WebSockets included. 1 s to 1 h; default 100 s.</summary>
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromSeconds(100);

    /// <summary>The methods that are passed on, in upper case; any other is 405. Default: all but CONNECT and TRACE.</summary>
    public IReadOnlyCollection<string> Methods { get; set; } = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
}
