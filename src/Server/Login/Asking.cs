using Poolhouse.Core;
using Poolhouse.Server.Login.SignIn;
using Poolhouse.Server.SignIn;
using RazorSlices;

namespace Poolhouse.Server.Login;

/// <summary>
/// Pages that ask for the answer to a challenge. Its handle is in the form, so that two tabs do not disturb each other; once it
/// can no longer be answered, the sign-in page says so.
/// </summary>
sealed class Asking(Challenges challenges)
{
    /// <summary>The challenge that a visit is about; it must be one of these, and nobody but its own browser knows its handle.</summary>
    public Task<OpenChallenge> Open(Visit visit, params IReadOnlyList<string> names) => challenges.Open(visit.Attempt, visit.Session, null, names, visit.Cancel);

    /// <summary>The page of a visit's challenge.</summary>
    public Task<IResult> Page(Visit visit, Fault? fault, Func<OpenChallenge, Task<RazorSlice>> page, params IReadOnlyList<string> names) =>
        Page(visit, visit.Session, fault, page, names);

    /// <summary>The page of a challenge.</summary>
    public async Task<IResult> Page(Visit visit, string? session, Fault? fault, Func<OpenChallenge, Task<RazorSlice>> page, IReadOnlyList<string> names)
    {
        if (visit.Form is null && session is null) return visit.SeeOther(visit.To("/login"));
        if (fault is { EndsSignIn: true }) return SignInEndpoint.Page(visit, fault);
        try
        {
            return visit.Show(await page(await challenges.Open(visit.Attempt, session, null, names, visit.Cancel)), fault);
        }
        catch (RefusedException refused)
        {
            return SignInEndpoint.Page(visit, fault ?? LoginErrors.Of(refused));
        }
    }
}
