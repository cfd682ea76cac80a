using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Poolhouse.Bff.Endpoints;
using Poolhouse.Bff.Store;

namespace Poolhouse.Bff.Provider;

/// <summary>
/// Sets up ASP.NET Core's OpenID Connect handler: code flow with PKCE, state and nonce in short-lived cookies that hold no token, and the sign-in as ours. It verifies
/// the ID token: signature, issuer, audience, nonce, time.
/// </summary>
sealed class OpenIdSetup(CheckedBffOptions options, ProviderHttp http, StateProtection protection) : IPostConfigureOptions<OpenIdConnectOptions>
{
    readonly OpenIdConnectPostConfigureOptions theirs = new(protection);

    public void PostConfigure(string? name, OpenIdConnectOptions openId)
    {
        if (name != BffExtensions.OpenIdScheme) return;
        openId.Authority = options.Authority;
        openId.RequireHttpsMetadata = !options.Authority.StartsWith("http:", StringComparison.Ordinal);
        (openId.ClientId, openId.ClientSecret) = (options.ClientId, options.ClientSecret);
        openId.Backchannel = http.Calls;
        openId.DataProtectionProvider = protection;
        openId.SignInScheme = BffExtensions.SessionScheme;
        openId.CallbackPath = options.Path("callback");
        // Signing out is ours: the handler's own endpoints for it would answer beside it.
        (openId.SignedOutCallbackPath, openId.RemoteSignOutPath) = (default, default);
        openId.ResponseType = OpenIdConnectResponseType.Code;
        openId.ResponseMode = OpenIdConnectResponseMode.Query;
        openId.UsePkce = true;
        openId.SaveTokens = true;
        openId.MapInboundClaims = false;
        openId.GetClaimsFromUserInfoEndpoint = false;
        openId.DisableTelemetry = true;
        openId.Scope.Clear();
        foreach (var scope in options.Given.Scopes) openId.Scope.Add(scope);
        Cookie(openId.CorrelationCookie, "sign-in.");
        Cookie(openId.NonceCookie, "nonce.");
        openId.Events = new()
        {
            OnRedirectToIdentityProvider = Redirecting,
            OnMessageReceived = CheckIssuer,
            OnAuthorizationCodeReceived = Redeem,
            OnTicketReceived = ticket => Service<CallbackEndpoint>(ticket.HttpContext).SignedIn(ticket),
            OnRemoteFailure = failed => Service<CallbackEndpoint>(failed.HttpContext).Failed(failed),
        };
        theirs.PostConfigure(name, openId);
    }

    // The answer comes by a navigation from another site, which Strict cookies do not follow. What is in these is of use to this browser only, and for one sign-in.
    void Cookie(CookieBuilder cookie, string name)
    {
        cookie.Name = BffCookies.Prefix(options) + name;
        (cookie.Path, cookie.Domain, cookie.HttpOnly) = ("/", null, true);
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = options.IsPlain ? CookieSecurePolicy.None : CookieSecurePolicy.Always;
    }

    Task Redirecting(RedirectContext context)
    {
        // Never from a Host header.
        context.ProtocolMessage.RedirectUri = options.PublicUrl + options.Path("callback");
        foreach (var (name, value) in options.Given.AuthorizeParameters) context.ProtocolMessage.SetParameter(name, value);
        return Task.CompletedTask;
    }

    // RFC 9207 §2.4: an answer of another provider is not for us.
    static async Task CheckIssuer(MessageReceivedContext context)
    {
        if (context.ProtocolMessage.Iss is not { Length: > 0 } issuer) return;
        var ours = await context.Options.ConfigurationManager!.GetConfigurationAsync(context.HttpContext.RequestAborted);
        if (issuer != ours.Issuer) context.Fail("The answer comes from another issuer.");
    }

    static async Task Redeem(AuthorizationCodeReceivedContext context)
    {
        var form = context.TokenEndpointRequest!.Parameters.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!, StringComparer.Ordinal);
        using var reply = await Service<ProviderClient>(context.HttpContext).Token(form, context.HttpContext.RequestAborted);
        var body = await reply.Content.ReadAsStringAsync(context.HttpContext.RequestAborted);
        if (reply.Content.Headers.ContentType?.MediaType != "application/json") throw new InvalidDataException($"The token endpoint answers {(int)reply.StatusCode} and no JSON.");
        var message = new OpenIdConnectMessage(body);
        if (!reply.IsSuccessStatusCode) throw new InvalidDataException($"The token endpoint answers {(int)reply.StatusCode} {message.Error} {message.ErrorDescription}");
        context.HandleCodeRedemption(message);
    }

    static T Service<T>(HttpContext context) where T : notnull => (T)context.RequestServices.GetService(typeof(T))!;
}
