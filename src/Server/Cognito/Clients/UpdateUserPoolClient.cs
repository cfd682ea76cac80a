using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Clients;

/// <summary>What UpdateUserPoolClient takes: all settings; what is left out returns to its default.</summary>
public sealed record UpdateUserPoolClientRequest(
    [PoolId] string UserPoolId,
    [ClientId] string ClientId,
    [DisplayName] string? ClientName = null) : ClientSettings;

/// <summary>Replaces the settings of an app client; its secret stays.</summary>
static class UpdateUserPoolClient
{
    public static readonly Operation Operation = Operation.Of<UpdateUserPoolClientRequest, UserPoolClientResponse, ClientRules>(
        nameof(UpdateUserPoolClient), Access.Iam,
        () => ClientsJson.Default.UpdateUserPoolClientRequest, () => ClientsJson.Default.UserPoolClientResponse, Handle);

    static async Task<UserPoolClientResponse> Handle(UpdateUserPoolClientRequest request, CognitoCall call, ClientRules rules)
    {
        var client = await DescribeUserPoolClient.Find(call, request.UserPoolId, request.ClientId);
        await rules.Check(await call.Pool(client.PoolId), request, client.IsConfidential, call.Cancel);
        var settings = ClientRules.Completed(request);
        if (!await call.Database.Write(tx => ClientStore.Replace(tx, client.Id, request.ClientName, settings)))
            throw new RefusedException(Refusal.ClientNotFound, client.Id);
        return rules.Show(client with { Name = request.ClientName ?? client.Name, Settings = settings, ModifiedAt = call.Now });
    }
}
