using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Clients;

/// <summary>What DeleteUserPoolClientSecret takes.</summary>
public sealed record DeleteUserPoolClientSecretRequest([PoolId] string UserPoolId, [ClientId] string ClientId, [Length(1, 128)] string ClientSecretId);

/// <summary>Deletes one of a client's two secrets; from then on the other alone is good.</summary>
static class DeleteUserPoolClientSecret
{
    public static readonly Operation Operation = Operation.Of(nameof(DeleteUserPoolClientSecret), Access.Iam,
        () => ClientsJson.Default.DeleteUserPoolClientSecretRequest, () => ProtocolJson.Default.Nothing, Handle)
        .Renaming("InternalErrorException", "InternalServerException");

    static async Task<Nothing> Handle(DeleteUserPoolClientSecretRequest request, CognitoCall call)
    {
        var client = await DescribeUserPoolClient.Find(call, request.UserPoolId, request.ClientId);
        var result = await call.Database.Write(tx => ClientStore.DeleteSecret(tx, client.Id, request.ClientSecretId));
        return result == SecretWrite.Done ? Nothing.Value : throw ClientSecretDescriptor.Fault(result, client.Id);
    }
}
