using Poolhouse.Server.Http.Pages;

namespace Poolhouse.Server.Login.SignedOut;

/// <summary>/signedout: the end of a sign-out that names no place to go.</summary>
static class SignedOutEndpoint
{
    public static IResult Show(HttpResponse response)
    {
        PageHeaders.Apply(response);
        return SignedOutPage.Create(new());
    }
}
