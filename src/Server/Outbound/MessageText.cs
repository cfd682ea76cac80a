using Poolhouse.Core.Pools;

namespace Poolhouse.Server.Outbound;

/// <summary>The text of a message: the pool's own template, else Cognito's words.</summary>
/// <param name="Subject">Of an e-mail; null for an SMS.</param>
/// <param name="Body">With {####} for the code and {username} for the name.</param>
public sealed record MessageText(string? Subject, string Body)
{
    /// <summary>The text that carries a code.</summary>
    public static MessageText OfCode(MessageKind kind, UserPool pool, string medium)
    {
        var (settings, template) = (pool.Settings, pool.Settings.VerificationMessageTemplate);
        var words = kind == MessageKind.ForgotPassword ? "Your password reset code is {####}" : "Your confirmation code is {####}";
        return medium == "SMS"
            ? new(null, template?.SmsMessage ?? settings.SmsVerificationMessage ?? words)
            : new(
                template?.EmailSubject ?? settings.EmailVerificationSubject ?? "Your verification code",
                template?.EmailMessage ?? settings.EmailVerificationMessage ?? words);
    }

    /// <summary>The text that invites a user whom an administrator made.</summary>
    public static MessageText OfInvitation(UserPool pool, string medium)
    {
        var template = pool.Settings.AdminCreateUserConfig?.InviteMessageTemplate;
        const string Words = "Your username is {username} and temporary password is {####}.";
        return medium == "SMS"
            ? new(null, template?.SMSMessage ?? Words)
            : new(template?.EmailSubject ?? "Your temporary password", template?.EmailMessage ?? Words);
    }

    /// <summary>The body with the code and the name in their places.</summary>
    public string Fill(string username, string code) =>
        Body.Replace("{####}", code, StringComparison.Ordinal).Replace("{username}", username, StringComparison.Ordinal);
}
