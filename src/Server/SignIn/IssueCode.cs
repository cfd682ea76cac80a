using Poolhouse.Core;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Storage;

namespace Poolhouse.Server.SignIn;

/// <summary>Answers an authorization request for a signed-in user: with a code, or with tokens where the client lists the implicit flow.</summary>
public sealed class IssueCode(Database database, AuthorizationCodeStore codes, StartSession start, ServerOptions server, Audit audit)
{
    static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>Returns the URL to send the browser to.</summary>
    public async Task<string> Answer(AuthorizationRequest request, User user, long authTime, CancellationToken cancel)
    {
        var issuer = server.IssuerOf(request.Pool);
        if (request.IsImplicit) return await Implicit(request, user, authTime, issuer, cancel);

        var code = Ids.Uuid();
        await database.Write(tx => codes.Insert(tx, code, new(
            request.Pool.Id, request.Client.Id, user.Sub, request.RedirectUri, request.Challenge, request.Scopes, request.Nonce, request.Resource,
            authTime, tx.Now + Lifetime.Ms())));
        return AuthorizationReply.Url(request.RedirectUri, false, ("code", code), ("state", request.State), ("iss", issuer));
    }

    async Task<string> Implicit(AuthorizationRequest request, User user, long authTime, string issuer, CancellationToken cancel)
    {
        var terms = new SessionTerms(Birth.Hosted, request.Scopes, authTime, request.Nonce, request.Resource, WithRefreshToken: false);
        var made = await start.Prepare(request.Pool, request.Client, user, terms, cancel);
        if (!await database.Write(tx => SessionStore.Insert(tx, made.Session))) throw new RefusedException(Refusal.UserDisabled);
        audit.SessionStarted(made.Session);
        return AuthorizationReply.Url(
            request.RedirectUri, true, ("id_token", made.Tokens.IdToken), ("access_token", made.Tokens.AccessToken), ("token_type", "Bearer"),
            ("expires_in", made.Tokens.ExpiresIn.ToString(System.Globalization.CultureInfo.InvariantCulture)), ("state", request.State), ("iss", issuer));
    }
}
