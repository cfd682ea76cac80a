using Poolhouse.Server.Login.Parts;

namespace Poolhouse.Server.Login.Mfa;

/// <summary>The page that takes a code: one that was delivered, or else one of an authenticator app, on a device that may have a name.</summary>
public sealed record MfaModel(
    string ClientName,
    FormPost Form,
    CodeDelivery? Delivery,
    string? AppName = null,
    Problem? Problem = null,
    string? SignInUrl = null);
