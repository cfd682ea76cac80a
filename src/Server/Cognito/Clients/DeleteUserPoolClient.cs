using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Clients;

/// <summary>What DeleteUserPoolClient takes.</summary>
public sealed record DeleteUserPoolClientRequest([PoolId] string UserPoolId, [ClientId] string ClientId);

/// <summary>Deletes an app client and ends its sessions.</summary>
static class DeleteUserPoolClient
{
    public static readonly Operation Operation = Operation.Of<DeleteUserPoolClientRequest, Audit>(nameof(DeleteUserPoolClient), Access.Iam,
        () => ClientsJson.Default.DeleteUserPoolClientRequest, Handle);

    static async Task Handle(DeleteUserPoolClientRequest request, CognitoCall call, Audit audit)
    {
        var client = await DescribeUserPoolClient.Find(call, request.UserPoolId, request.ClientId);
        if (!await call.Database.WriteEvenIfFull(tx => Delete(tx, client))) throw new RefusedException(Refusal.ClientNotFound, client.Id);
        audit.AllSessionsEnded(client.PoolId, client.Id, SessionEnd.ClientDeleted);
    }

    static async Task<bool> Delete(Tx tx, AppClient client)
    {
        if (!await ClientStore.Delete(tx, client.Id)) return false;
        await SessionStore.EndClient(tx, client.PoolId, client.Id);
        return true;
    }
}
