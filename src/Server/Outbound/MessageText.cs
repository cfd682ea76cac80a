using System.Net;
using System.Text.RegularExpressions;
using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Outbound;

/// <summary>The text of a message: the pool's own template, else words like Cognito's.</summary>
/// <param name="Subject">Of an e-mail; null for an SMS.</param>
/// <param name="Body">With {####} for the code, {username} for the name and, in a message by link, {##text##} for the link.</param>
/// <param name="ByLink">Whether the user follows a link in place of typing a code.</param>
public sealed partial record MessageText(string? Subject, string Body, bool ByLink = false)
{
    /// <summary>Where the code goes.</summary>
    public const string CodePlace = "{####}";

    /// <summary>Where the name goes.</summary>
    public const string NamePlace = "{username}";

    /// <summary>Where the link goes, with its text.</summary>
    public const string LinkPlace = "{##Click Here##}";

    /// <summary>Whether the code gets to the user with this body.</summary>
    public bool CarriesCode => Places().Matches(Body).Any(place => place.Value == CodePlace || (ByLink && place.Groups["link"].Success));

    /// <summary>The pool's text for a message of this kind.</summary>
    public static MessageText Of(MessageKind kind, UserPool pool, string medium) => kind switch
    {
        MessageKind.AdminCreateUser => OfInvitation(pool, medium),
        MessageKind.Authentication => OfSignIn(pool, medium),
        MessageKind.SignUp or MessageKind.ResendCode when medium == "EMAIL" && pool.Settings.VerificationMessageTemplate is { DefaultEmailOption: "CONFIRM_WITH_LINK" } template =>
            new(template.EmailSubjectByLink ?? "Your verification link", template.EmailMessageByLink ?? "Please click the link below to verify your email address. {##Verify Email##}", ByLink: true),
        _ => OfCode(kind, pool, medium),
    };

    /// <summary>The message with everything in its place; what is put into markup is none itself.</summary>
    /// <param name="username">The name.</param>
    /// <param name="code">The code or temporary password.</param>
    /// <param name="link">The link that confirms a sign-up.</param>
    public WrittenText Fill(string username, string code, string link)
    {
        var html = Subject is not null && (ByLink || Body.Contains('<', StringComparison.Ordinal));
        string Shown(string value) => html ? WebUtility.HtmlEncode(value) : value;
        var body = Places().Replace(Body, place => place.Value switch
        {
            CodePlace => Shown(code),
            NamePlace => Shown(username),
            _ when ByLink => $"<a href=\"{Shown(link)}\">{place.Groups["link"].Value}</a>",
            var other => other,
        });
        return new(Subject, body, html, ByLink ? link : null);
    }

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

    // In one pass: what is put in is not looked at again.
    [GeneratedRegex(@"\{####\}|\{username\}|\{##(?<link>.*?)##\}", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Places();
}
