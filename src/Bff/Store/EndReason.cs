namespace Poolhouse.Bff.Store;

/// <summary>Why a session has ended; the browser, the log and the metrics are told in the same words.</summary>
enum EndReason
{
    /// <summary>Its planned end has come, the provider's or ours.</summary>
    Expired,

    /// <summary>The provider, or an administrator, has ended it.</summary>
    Revoked,

    /// <summary>Its refresh token was used by somebody else as well.</summary>
    Reuse,

    /// <summary>The user has signed out, here or at the provider.</summary>
    SignedOut,

    /// <summary>Nothing was called for too long.</summary>
    Idle,
}

/// <summary>The words of the wire.</summary>
static class EndReasonNames
{
    public static string Wire(this EndReason reason) => reason switch
    {
        EndReason.Expired => "expired",
        EndReason.Revoked => "revoked",
        EndReason.Reuse => "reuse",
        EndReason.SignedOut => "signed-out",
        EndReason.Idle => "idle",
        _ => throw new ArgumentOutOfRangeException(nameof(reason), reason, "This reason has no word."),
    };
}
