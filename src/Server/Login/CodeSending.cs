using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login;

/// <summary>Sending codes from pages, where nobody may learn who exists: whatever tells users apart seems to have worked.</summary>
sealed class CodeSending(ForgottenPassword forgotten, PageThrottle throttle, Postbox postbox)
{
    /// <summary>Sends a code for a forgotten password; the page says the same to everybody.</summary>
    public Task Forgotten(Visit visit, string username) =>
        Try(visit, username, () => forgotten.Start(visit.Pool, visit.Client, username, null, visit.Cancel));

    /// <summary>Sends a code; returns where it went, or null if that did not work for a reason that must not show.</summary>
    public async Task<Destination?> Try(Visit visit, string username, Func<Task<Destination>> send)
    {
        postbox.MustBeOpen(visit.Pool);
        if (!await throttle.TakeCode(visit.Pool, username)) throw new RefusedException(Refusal.CodeRequestsExceeded);
        try
        {
            return await send();
        }
        catch (RefusedException refused) when (refused.Reason is Refusal.UserNotFound or Refusal.UserDisabled or Refusal.PasswordNotResettable
            or Refusal.NoVerifiedChannel or Refusal.UserAlreadyConfirmed or Refusal.CodeRequestsExceeded
            // Functions are asked about users who exist; what they say is shown, that one is out of order is not.
            or Refusal.TriggerUnexpected or Refusal.TriggerInvalid)
        {
            return null;
        }
    }
}
