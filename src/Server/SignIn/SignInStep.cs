using System.Net;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;

namespace Poolhouse.Server.SignIn;

/// <summary>A call in which somebody signs in, at whichever surface.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="Client">The app client, which has proven itself.</param>
/// <param name="Address">Where the user is, for throttles; or null.</param>
/// <param name="ValidationData">ClientMetadata of the call that begins the sign-in: for the triggers before it, and no others.</param>
/// <param name="Metadata">ClientMetadata of a call that answers a challenge: for the triggers after it.</param>
public sealed record SignInAttempt(
    UserPool Pool, AppClient Client, IPAddress? Address,
    IReadOnlyDictionary<string, string>? ValidationData = null, IReadOnlyDictionary<string, string>? Metadata = null);

/// <summary>What a step of a sign-in leads to.</summary>
public abstract record SignInStep
{
    SignInStep() { }

    /// <summary>Everything that was to be proven is proven: a session may start.</summary>
    public sealed record Proven(User User, Progress Progress) : SignInStep;

    /// <summary>Something more is asked for.</summary>
    /// <param name="Challenge">The challenge's name.</param>
    /// <param name="Session">Its handle.</param>
    /// <param name="Parameters">What the client needs to answer it; every value is a text, lists and objects are JSON in it.</param>
    /// <param name="Available">The first factors to choose from, for SELECT_CHALLENGE.</param>
    public sealed record Asked(
        string Challenge, string Session, IReadOnlyDictionary<string, string> Parameters, IReadOnlyList<string>? Available = null) : SignInStep;
}
