using Poolhouse.Core.Pools;

namespace Poolhouse.Server.Outbound;

/// <summary>The text of a message: the pool's own template, else Cognito's words.</summary>
/// <param name="Subject">Of an e-mail; null for an SMS.</param>
/// <param name="Body">With {####} for the code and {username} for the name.</param>
public sealed record MessageText(string? Subject, string Body)
{
    /// <summary>Where the code goes.</summary>
    public const string CodePlace = "{####}";

    /// <summary>Where the name goes.</summary>
    public const string NamePlace = "{username}";

    /// <summary>The pool's text for a message of this kind.</summary>
    public static MessageText Of(MessageKind kind, UserPool pool, string medium) => kind switch
    {
        MessageKind.AdminCreateUser => OfInvitation(pool, medium),
        MessageKind.Authentication => OfSignIn(pool, medium),
        _ => OfCode(kind, pool, medium),
    };

    static MessageText OfSignIn(UserPool pool, string medium)
    {
        const string Words = "Your authentication code is {####}";
        return medium == "SMS"
            ? new(null, pool.Settings.SmsAuthenticationMessage ?? Words)
            : new(pool.Mfa?.Email?.Subject ?? "Your authentication code", pool.Mfa?.Email?.Message ?? Words);
    }

    static MessageText OfCode(MessageKind kind, UserPool pool, string medium)
    {
        var (settings, template) = (pool.Settings, pool.Settings.VerificationMessageTemplate);
        var words = kind == MessageKind.ForgotPassword ? "Your password reset code is {####}" : "Your confirmation code is {####}";
        return medium == "SMS"
            ? new(null, template?.SmsMessage ?? settings.SmsVerificationMessage ?? words)
            : new(
                template?.EmailSubject ?? settings.EmailVerificationSubject ?? "Your verification code",
                template?.EmailMessage ?? settings.EmailVerificationMessage ?? words);
    }

    static MessageText OfInvitation(UserPool pool, string medium)
    {
        var template = pool.Settings.AdminCreateUserConfig?.InviteMessageTemplate;
        const string Words = "Your username is {username} and temporary password is {####}.";
        return medium == "SMS"
            ? new(null, template?.SMSMessage ?? Words)
            : new(template?.EmailSubject ?? "Your temporary password", template?.EmailMessage ?? Words);
    }

    /// <summary>The body with the code and the name in their places.</summary>
    public string Fill(string username, string code) =>
        Body.Replace(CodePlace, code, StringComparison.Ordinal).Replace(NamePlace, username, StringComparison.Ordinal);
}
