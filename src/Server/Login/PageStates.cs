using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Poolhouse.Core;
using Poolhouse.Core.Keys;
using Poolhouse.Server.Http;

namespace Poolhouse.Server.Login;

/// <summary>What one page leaves for the next: never in a URL, and readable by us alone.</summary>
/// <param name="PoolId">The pool.</param>
/// <param name="ClientId">The client.</param>
/// <param name="Username">The user name as it was typed.</param>
/// <param name="Session">The handle of the challenge that is under way, or null.</param>
/// <param name="Medium">EMAIL or SMS if a code went out, NONE if the pool sends none; null where that must not show.</param>
/// <param name="Destination">The masked destination, or null.</param>
/// <param name="ProvenSub">The user whose password was given by this browser a moment ago, or null.</param>
/// <param name="EndsAt">Unix ms.</param>
sealed record PageState(
    string PoolId, string ClientId, string Username, string? Session = null, string? Medium = null, string? Destination = null,
    string? ProvenSub = null, long EndsAt = 0);

/// <summary>Keeps page states in a cookie, sealed to the browser's CSRF cookie: planted in another browser it does not open.</summary>
sealed class PageStates(Sealing sealing, Cookies cookies, TimeProvider time)
{
    const string Purpose = "page-data";

    // As long as a person may look for the code in a mailbox.
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(30);

    /// <summary>What the last page left for this pool and client, or null.</summary>
    public PageState? Find(HttpRequest request, string csrf, string poolId, string clientId)
    {
        if (cookies.Page(request) is not { } cookie || !Base64Url.IsValid(cookie)) return null;
        if (sealing.Open(Purpose, csrf, Base64Url.DecodeFromChars(cookie)) is not { } clear) return null;
        var state = JsonSerializer.Deserialize(clear, LoginJson.Default.PageState);
        return state is not null && state.PoolId == poolId && state.ClientId == clientId && state.EndsAt > time.UnixMs() ? state : null;
    }

    /// <summary>Leaves a state for the next page.</summary>
    public void Keep(HttpResponse response, string csrf, PageState state)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(state with { EndsAt = time.UnixMs() + Lifetime.Ms() }, LoginJson.Default.PageState);
        cookies.KeepPage(response, Base64Url.EncodeToString(sealing.Seal(Purpose, csrf, bytes)), Lifetime);
    }

    /// <summary>Forgets what was left.</summary>
    public void Forget(HttpContext context)
    {
        if (cookies.Page(context.Request) is not null) cookies.ForgetPage(context.Response);
    }
}

/// <summary>The JSON of the hosted pages.</summary>
[JsonSerializable(typeof(PageState))]
sealed partial class LoginJson : JsonSerializerContext;
