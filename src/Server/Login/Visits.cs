using Poolhouse.Server.Http;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login;

/// <summary>Reads requests for hosted pages; one whose query is no valid authorization request never becomes a visit.</summary>
sealed class Visits(AuthorizationRequests requests, PoolHosts hosts, Cookies cookies, PageStates states, ServerOptions server)
{
    /// <summary>A request to see a page.</summary>
    public Task<Visit> Open(HttpContext context) => Read(context, form: null);

    /// <summary>A request with a form. It is read first and judged at once: whatever follows asks the visit.</summary>
    public async Task<Visit> Posted(HttpContext context) => await Read(context, await StrictForm.Read(context.Request, context.RequestAborted));

    /// <summary>Sends the browser on to another page and leaves something for it.</summary>
    public IResult Next(Visit visit, string path, PageState state)
    {
        states.Keep(visit.Context.Response, visit.Csrf, state);
        return visit.SeeOther(visit.To(path));
    }

    async Task<Visit> Read(HttpContext context, StrictForm? form)
    {
        var request = await requests.Read(context.Request.Query, await hosts.PoolOf(context.Request, context.RequestAborted), context.RequestAborted);
        var forged = form is not null && !cookies.IsOwnForm(context.Request, form["_csrf"], new Uri(server.Root).GetLeftPart(UriPartial.Authority));
        var csrf = cookies.CsrfToken(context);
        return new(context, request, csrf, states.Find(context.Request, csrf, request.Pool.Id, request.Client.Id), form, forged ? LoginErrors.Forged : null);
    }
}
