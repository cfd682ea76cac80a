using Poolhouse.Server.Login.Parts;

namespace Poolhouse.Server.Login.ResendCode;

/// <summary>The page that asks for which account a new confirmation code is wanted.</summary>
public sealed record ResendCodeModel(
    string ClientName,
    FormPost Form,
    string UsernameLabel,
    string? Username = null,
    Problem? Problem = null,
    string? SignInUrl = null);
