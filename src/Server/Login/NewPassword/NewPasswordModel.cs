using Poolhouse.Server.Login.Parts;

namespace Poolhouse.Server.Login.NewPassword;

/// <summary>The page after a temporary password: a new one, and whatever required attributes are missing.</summary>
public sealed record NewPasswordModel(
    string ClientName,
    FormPost Form,
    string UsernameLabel,
    PasswordRules Rules,
    IReadOnlyList<Field> Attributes,
    string Username,
    Problem? Problem = null);
