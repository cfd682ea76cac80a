namespace Poolhouse.Server.Cognito;

/// <summary>Times on the wire: seconds of the epoch with up to three decimals.</summary>
public static class WireTime
{
    /// <summary>Seconds of a stored time.</summary>
    public static double Seconds(long unixMs) => unixMs / 1000.0;
}
