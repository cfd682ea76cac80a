using Poolhouse.Server.Login.Confirm;
using Poolhouse.Server.Login.Error;
using Poolhouse.Server.Login.FirstFactors;
using Poolhouse.Server.Login.Forgot;
using Poolhouse.Server.Login.Mfa;
using Poolhouse.Server.Login.MfaOption;
using Poolhouse.Server.Login.MfaSetup;
using Poolhouse.Server.Login.NewPassword;
using Poolhouse.Server.Login.Registration;
using Poolhouse.Server.Login.ResendCode;
using Poolhouse.Server.Login.ResetPassword;
using Poolhouse.Server.Login.SignedOut;
using Poolhouse.Server.Login.SignIn;

namespace Poolhouse.Server.Login;

/// <summary>
/// The hosted pages (cognito/oauth-endpoints.md §1): plain forms at Cognito's paths, each carrying the authorize query along.
///   Visits reads a request into a Visit (authorization request, form, what the last page left in PageStates) and proves the form ours
///   one folder per page: model, view, and its endpoint, which shows the form and takes it; every step leads on by 303
///   Asking shows the pages that ask for the answer to a challenge, for as long as there is one
///   Arrival is the end of every way: the browser is signed in and goes back to the app with a code
///   LoginErrors words each refusal for a person; PageErrors renders whatever else goes wrong, for /oauth2/authorize and /logout too
/// </summary>
static class LoginRoutes
{
    public static void AddLogin(this IServiceCollection services) => services
        .AddSingleton<PageStates>().AddSingleton<Visits>().AddSingleton<PageThrottle>().AddSingleton<Arrival>().AddSingleton<PageErrors>()
        .AddSingleton<CodeSending>().AddSingleton<Unready>().AddSingleton<Asking>().AddSingleton<Beginning>().AddSingleton<CodeSource>();

    /// <summary>Renders, for every route behind it, what only browsers see.</summary>
    public static void UsePageErrors(this WebApplication app) => app.Use(app.Services.GetRequiredService<PageErrors>().Render);

    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/login", SignInEndpoint.Show);
        routes.MapPost("/login", SignInEndpoint.Submit);
        routes.MapGet("/signup", SignUpEndpoint.Show);
        routes.MapPost("/signup", SignUpEndpoint.Submit);
        routes.MapGet("/confirm", ConfirmEndpoint.Show);
        routes.MapPost("/confirm", ConfirmEndpoint.Submit);
        routes.MapGet("/confirmUser", ConfirmLinkEndpoint.Follow);
        routes.MapGet("/resendcode", ResendCodeEndpoint.Show);
        routes.MapPost("/resendcode", ResendCodeEndpoint.Submit);
        routes.MapGet("/forgotPassword", ForgotPasswordEndpoint.Show);
        routes.MapPost("/forgotPassword", ForgotPasswordEndpoint.Submit);
        routes.MapGet("/confirmforgotPassword", ResetPasswordEndpoint.Show);
        routes.MapPost("/confirmforgotPassword", ResetPasswordEndpoint.Submit);
        routes.MapGet("/newPassword", NewPasswordEndpoint.Show);
        routes.MapPost("/newPassword", NewPasswordEndpoint.Submit);
        routes.MapGet("/factor", FirstFactorEndpoint.Show);
        routes.MapPost("/factor", FirstFactorEndpoint.Submit);
        routes.MapGet("/mfa", MfaEndpoint.Show);
        routes.MapPost("/mfa", MfaEndpoint.Submit);
        routes.MapGet("/mfaOption", MfaOptionEndpoint.Show);
        routes.MapPost("/mfaOption", MfaOptionEndpoint.Submit);
        routes.MapGet("/mfaSetup", MfaSetupEndpoint.Show);
        routes.MapPost("/mfaSetup", MfaSetupEndpoint.Submit);
        routes.MapGet("/error", ErrorEndpoint.Show);
        routes.MapGet("/signedout", SignedOutEndpoint.Show);
    }
}
