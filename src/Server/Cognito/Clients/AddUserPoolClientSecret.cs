using Poolhouse.Core;
using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Clients;

/// <summary>What AddUserPoolClientSecret takes: a secret of the caller's own, or none for one that is made.</summary>
public sealed record AddUserPoolClientSecretRequest([PoolId] string UserPoolId, [ClientId] string ClientId, [ClientSecret] string? ClientSecret = null);

/// <summary>What AddUserPoolClientSecret gives: the value only of a secret that was made.</summary>
public sealed record AddUserPoolClientSecretResponse(ClientSecretDescriptor ClientSecretDescriptor);

/// <summary>Adds a second secret to a confidential client: both are good until one is deleted, so that it changes without a pause.</summary>
static class AddUserPoolClientSecret
{
    public static readonly Operation Operation = Operation.Of(nameof(AddUserPoolClientSecret), Access.Iam,
        () => ClientsJson.Default.AddUserPoolClientSecretRequest, () => ClientsJson.Default.AddUserPoolClientSecretResponse, Handle)
        .Renaming("InternalErrorException", "InternalServerException");

    static async Task<AddUserPoolClientSecretResponse> Handle(AddUserPoolClientSecretRequest request, CognitoCall call)
    {
        var client = await DescribeUserPoolClient.Find(call, request.UserPoolId, request.ClientId);
        // A public client's users could not sign in any more from this moment on.
        if (!client.IsConfidential) throw CognitoException.InvalidParameter("A public client cannot be given a secret; create a confidential one.");
        var made = request.ClientSecret is null ? Ids.ClientSecret() : null;
        var sealedSecret = call.Clients.Seal(client, new(request.ClientSecret ?? made!));
        var (result, added) = await call.Database.Write(tx => ClientStore.AddSecret(tx, client.Id, sealedSecret));
        return added is null ? throw ClientSecretDescriptor.Fault(result, client.Id) : new(ClientSecretDescriptor.Of(added, made));
    }
}
