using Poolhouse.Server.Dev.Inbox;
using Poolhouse.Server.Login.Confirm;
using Poolhouse.Server.Login.Error;
using Poolhouse.Server.Login.FirstFactors;
using Poolhouse.Server.Login.Forgot;
using Poolhouse.Server.Login.Mfa;
using Poolhouse.Server.Login.MfaOption;
using Poolhouse.Server.Login.MfaSetup;
using Poolhouse.Server.Login.NewPassword;
using Poolhouse.Server.Login.Parts;
using Poolhouse.Server.Login.Registration;
using Poolhouse.Server.Login.ResendCode;
using Poolhouse.Server.Login.ResetPassword;
using Poolhouse.Server.Login.SignedOut;
using Poolhouse.Server.Login.SignIn;
using RazorSlices;

namespace Poolhouse.Server.Tests.Pages;

/// <summary>Every page, with one text in every field of its model that a caller can influence.</summary>
static class SamplePages
{
    static readonly PasswordRules Rules = new(8, true, true, true, true);

    public static readonly Dictionary<string, Func<string, RazorSlice>> All = new()
    {
        [nameof(SignInPage)] = x => SignInPage.Create(new(x, Form(x), x, x, About("username", x), x, x)),
        [nameof(SignUpPage)] = x => SignUpPage.Create(new(x, Form(x), x, Rules, Attributes(x), x, About("password", x), x)),
        [nameof(ConfirmPage)] = x => ConfirmPage.Create(new(x, Form(x), x, x, new(x, x), About("code", x), Form(x))),
        [nameof(ResendCodePage)] = x => ResendCodePage.Create(new(x, Form(x), x, x, About("username", x), x)),
        [nameof(ForgotPasswordPage)] = x => ForgotPasswordPage.Create(new(x, Form(x), x, x, About("username", x), x)),
        [nameof(ResetPasswordPage)] = x => ResetPasswordPage.Create(new(x, Form(x), x, Rules, x, new(x, x), About("new_password", x), Form(x))),
        [nameof(NewPasswordPage)] = x => NewPasswordPage.Create(new(x, Form(x), x, Rules, Attributes(x), x, About("attribute.email", x))),
        [nameof(FirstFactorPage)] = x => FirstFactorPage.Create(new(x, Form(x), x, x, true, [new(x, x, x)], About("password", x), x, x)),
        [nameof(MfaPage)] = x => MfaPage.Create(new(x, Form(x), null, x, About("code", x), x)),
        [nameof(MfaOptionPage)] = x => MfaOptionPage.Create(new(x, Form(x), [new(x, x, x), new(x, x)], About("factor", x), x)),
        [nameof(MfaSetupPage)] = x => MfaSetupPage.Create(new(x, Form(x), new(x, new(29, x), x), AttributeField.For("email", true, x), About("code", x), x)),
        [nameof(ErrorPage)] = x => ErrorPage.Create(new(x, x, x)),
        [nameof(SignedOutPage)] = x => SignedOutPage.Create(new(x, x)),
        [nameof(InboxPage)] = x => InboxPage.Create(new([new(DateTimeOffset.UnixEpoch, x, x, x, x, x, x, x, x, x, x)], x, x)),
    };

    static FormPost Form(string x) => new(x, x, x);

    static Problem About(string field, string x) => new(x, field);

    static Field[] Attributes(string x) =>
    [
        AttributeField.For("email", true, x, About("attribute.email", x)),
        new(x, x, "text", "off") { Value = x, Hint = x },
    ];
}
