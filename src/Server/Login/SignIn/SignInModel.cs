using Poolhouse.Server.Login.Parts;

namespace Poolhouse.Server.Login.SignIn;

/// <summary>The sign-in page; a null link is not shown, and the password may be asked for later.</summary>
public sealed record SignInModel(
    string ClientName,
    FormPost Form,
    string UsernameLabel,
    string? Username = null,
    Problem? Problem = null,
    string? ForgotPasswordUrl = null,
    string? SignUpUrl = null,
    bool AsksPassword = true);
