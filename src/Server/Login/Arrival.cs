using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login;

/// <summary>The end of every way through the pages: a user who has proven everything is signed in and goes back to the app.</summary>
sealed class Arrival(BrowserSessions browsers, IssueCode issue, PageStates states)
{
    public async Task<IResult> SignedIn(Visit visit, User user)
    {
        var authTime = await browsers.Start(visit.Context, user);
        var location = await issue.Answer(visit.Request, user, authTime, visit.Cancel);
        states.Forget(visit.Context);
        return visit.SeeOther(location);
    }
}
