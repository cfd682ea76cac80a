using Poolhouse.Server.Login.Parts;

namespace Poolhouse.Server.Login.Forgot;

/// <summary>The page that asks whose password is lost.</summary>
public sealed record ForgotPasswordModel(
    string ClientName,
    FormPost Form,
    string UsernameLabel,
    string? Username = null,
    Problem? Problem = null,
    string? SignInUrl = null);
