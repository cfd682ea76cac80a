using Microsoft.AspNetCore.Http;

namespace Poolhouse.Guard.AspNetCore;

/// <summary>What the guard said of the token of this request.</summary>
sealed class GuardFeature(CognitoGuard guard, GuardResult result)
{
    SessionSubscription? subscription;

    public GuardResult Result { get; } = result;

    /// <summary>The scopes that a policy has missed, for the challenge.</summary>
    public string? MissingScopes { get; set; }

    public CancellationToken SessionEnded(HttpContext context)
    {
        if (subscription is null)
        {
            subscription = guard.Watch(Result.Token!);
            context.Response.RegisterForDispose(subscription);
        }
        return subscription.Ended;
    }
}

/// <summary>What a handler may want to know of the token that let the request in.</summary>
public static class GuardHttpContextExtensions
{
    /// <summary>What the guard said of the token of this request; null if it was not asked.</summary>
    public static GuardResult? GetGuardResult(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<GuardFeature>()?.Result;
    }

    /// <summary>
    /// Cancelled when the session behind this request is revoked, by whatever means; for WebSockets, server-sent events and gRPC streams, which outlive
    /// the check at their beginning. See <see cref="SessionSubscription.Ended"/>; it is followed until the request ends.
    /// </summary>
    /// <exception cref="InvalidOperationException">The guard has let no token of this request in.</exception>
    public static CancellationToken SessionEnded(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<GuardFeature>() is { Result.Accepted: true } feature
            ? feature.SessionEnded(context)
            : throw new InvalidOperationException("The guard has let no token of this request in: the route needs authorization by the guard's scheme.");
    }
}
