using Poolhouse.Server.Login.Parts;

namespace Poolhouse.Server.Login.MfaOption;

/// <summary>The page that offers several second factors.</summary>
public sealed record MfaOptionModel(
    string ClientName,
    FormPost Form,
    IReadOnlyList<Choice> Choices,
    Problem? Problem = null,
    string? SignInUrl = null);
