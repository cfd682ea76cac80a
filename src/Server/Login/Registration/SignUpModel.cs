using Poolhouse.Server.Login.Parts;

namespace Poolhouse.Server.Login.Registration;

/// <summary>The sign-up page, with the attributes that the pool requires; the folder is not named SignUp because the use case is.</summary>
public sealed record SignUpModel(
    string ClientName,
    FormPost Form,
    string UsernameLabel,
    PasswordRules Rules,
    IReadOnlyList<Field> Attributes,
    string? Username = null,
    Problem? Problem = null,
    string? SignInUrl = null);
