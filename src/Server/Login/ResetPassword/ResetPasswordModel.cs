using Poolhouse.Server.Login.Parts;

namespace Poolhouse.Server.Login.ResetPassword;

/// <summary>The page that takes the code and the new password; Resend posts for another code.</summary>
public sealed record ResetPasswordModel(
    string ClientName,
    FormPost Form,
    string UsernameLabel,
    PasswordRules Rules,
    string? Username = null,
    CodeDelivery? Delivery = null,
    Problem? Problem = null,
    FormPost? Resend = null);
