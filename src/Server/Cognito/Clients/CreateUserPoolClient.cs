using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Constraints;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Clients;

/// <summary>What CreateUserPoolClient takes: the settings, and whether the client has a secret.</summary>
public sealed record CreateUserPoolClientRequest(
    [PoolId] string UserPoolId,
    [DisplayName] string ClientName,
    bool? GenerateSecret = null,
    [ClientSecret] string? ClientSecret = null) : ClientSettings;

/// <summary>Adds an app client to a pool.</summary>
static class CreateUserPoolClient
{
    public static readonly Operation Operation = Operation.Of<CreateUserPoolClientRequest, UserPoolClientResponse, ClientRules>(
        nameof(CreateUserPoolClient), Access.Iam,
        () => ClientsJson.Default.CreateUserPoolClientRequest, () => ClientsJson.Default.UserPoolClientResponse, Handle);

    static async Task<UserPoolClientResponse> Handle(CreateUserPoolClientRequest request, CognitoCall call, ClientRules rules)
    {
        var pool = await call.Pool(request.UserPoolId);
        if (request is { GenerateSecret: true, ClientSecret: not null })
            throw CognitoException.InvalidParameter("GenerateSecret and ClientSecret cannot both be given.");
        Secret[] secrets = request.GenerateSecret == true ? [new(call.Preset?.Secret ?? Ids.ClientSecret())]
            : request.ClientSecret is { } brought ? [new(brought)] : [];
        await rules.Check(pool, request, secrets.Length > 0, call.Cancel);

        var client = new AppClient(call.Preset?.Id ?? Ids.ClientId(), pool.Id, request.ClientName, ClientRules.Completed(request), secrets, call.Now, call.Now);
        var sealedSecret = call.Clients.Seal(client);
        return await call.Database.Write(tx => ClientStore.Create(tx, client, sealedSecret))
            ? rules.Show(client)
            : throw CognitoException.InvalidParameter($"A client with the id {client.Id} exists already.");
    }
}
