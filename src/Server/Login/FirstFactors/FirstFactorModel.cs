using Poolhouse.Server.Login.Parts;

namespace Poolhouse.Server.Login.FirstFactors;

/// <summary>The page that asks a named user for the password, or offers codes in its place, or both; a null link is not shown.</summary>
public sealed record FirstFactorModel(
    string ClientName,
    FormPost Form,
    string UsernameLabel,
    string Username,
    bool AsksPassword,
    IReadOnlyList<Choice> Choices,
    Problem? Problem = null,
    string? ForgotPasswordUrl = null,
    string? SignInUrl = null);
