using Poolhouse.Server.Login.Parts;

namespace Poolhouse.Server.Login.Confirm;

/// <summary>The page that confirms a new account by its code; Resend posts for another one.</summary>
public sealed record ConfirmModel(
    string ClientName,
    FormPost Form,
    string UsernameLabel,
    string? Username = null,
    CodeDelivery? Delivery = null,
    Problem? Problem = null,
    FormPost? Resend = null);
