using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.OAuth;

/// <summary>The authorization_code grant with PKCE (RFC 6749 §4.1.3, RFC 7636): look, mint, spend.</summary>
sealed class CodeGrant(
    Database database, AuthorizationCodeStore codes, SessionStore sessions, UserStore users, StartSession start, Audit audit)
{
    // Within this time a second redemption is a double effect or a lost reply, not theft.
    static readonly TimeSpan HonestReplay = TimeSpan.FromSeconds(10);

    static readonly System.Buffers.SearchValues<char> Unreserved =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~");

    public async Task<TokenSet> Redeem(UserPool pool, AppClient client, OAuthForm form, CancellationToken cancel)
    {
        var (code, redirectUri, verifier) = (form.Required("code"), form.Required("redirect_uri"), form["code_verifier"]);
        if (!client.AllowsGrant("code")) throw OAuthException.UnauthorizedClient();

        // Nothing here spends the code: it stays good for its owner, whoever else may have tried it.
        var issued = await codes.Find(code, cancel);
        if (issued is null || issued.ClientId != client.Id) throw OAuthException.InvalidGrant();
        if (issued.RedirectUri != redirectUri) throw OAuthException.UnauthorizedClient("The redirect_uri is not that of the authorization request.");
        if (!IsVerified(issued.Challenge, verifier)) throw OAuthException.InvalidGrant();
        if (issued.SpentAt is { } spentAt) return await Replayed(issued, spentAt, cancel);
        if (issued.EndsAt <= database.Now) throw OAuthException.InvalidGrant();
        if (await users.Get(pool.Id, issued.UserSub, cancel) is not { Enabled: true } user) throw OAuthException.InvalidGrant();

        var terms = new SessionTerms(Birth.Hosted, issued.Scopes, issued.AuthTime, issued.Nonce, issued.Resource);
        var made = await start.Prepare(pool, client, user, terms, cancel);
        var won = await database.Write(tx => tx.AllOrNothing(async () =>
            await SessionStore.Insert(tx, made.Session) && await codes.Spend(tx, code, made.Session.Id)));
        if (!won) throw OAuthException.InvalidGrant();
        audit.SessionStarted(made.Session);
        return made.Tokens;
    }

    // RFC 9700 §4.5: who holds a spent code and its verifier long after has stolen both; what the code gave birth to must die.
    async Task<TokenSet> Replayed(AuthorizationCode issued, long spentAt, CancellationToken cancel)
    {
        if (database.Now >= spentAt + HonestReplay.Ms() && issued.SessionId is { } id && await sessions.Find(id, cancel) is { } born
            && await database.WriteEvenIfFull(tx => SessionStore.End(tx, born, SessionEnd.CodeReplayed)))
            audit.SessionEnded(born, SessionEnd.CodeReplayed);
        throw OAuthException.InvalidGrant();
    }

    // A challenge, once sent, binds; a verifier without a challenge is the sign of a downgrade (RFC 9700 §4.8.2).
    static bool IsVerified(string? challenge, string? verifier)
    {
        if (challenge is null || verifier is null) return challenge is null && verifier is null;
        if (verifier.Length is < 43 or > 128 || verifier.AsSpan().ContainsAnyExcept(Unreserved)) return false;
        return new Secret(challenge).Matches(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(verifier))));
    }
}
