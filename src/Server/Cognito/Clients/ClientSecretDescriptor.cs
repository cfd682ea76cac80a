using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Clients;

/// <summary>A secret of a client on the wire. Its value is shown once, to whom it was made for.</summary>
public sealed record ClientSecretDescriptor([Length(1, 128)] string ClientSecretId, [ClientSecret] string? ClientSecretValue, double ClientSecretCreateDate)
{
    internal static ClientSecretDescriptor Of(ClientSecretName secret, string? value = null) => new(secret.Id, value, WireTime.Seconds(secret.CreatedAt));

    /// <summary>What a write that did not happen is called.</summary>
    internal static Exception Fault(SecretWrite written, string clientId) => written switch
    {
        SecretWrite.ClientGone => new RefusedException(Refusal.ClientNotFound, clientId),
        SecretWrite.SecretGone => CognitoException.NotFound("The client has no such secret."),
        SecretWrite.Full => CognitoException.LimitExceeded("A client may have two secrets: delete one first."),
        SecretWrite.Last => CognitoException.InvalidParameter("The only secret of a client cannot be deleted: add another first."),
        _ => throw new ArgumentOutOfRangeException(nameof(written), written, "This is no fault."),
    };
}
