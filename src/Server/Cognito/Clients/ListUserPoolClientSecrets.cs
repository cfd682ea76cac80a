using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Clients;

/// <summary>What ListUserPoolClientSecrets takes; two secrets never need a second page.</summary>
public sealed record ListUserPoolClientSecretsRequest([PoolId] string UserPoolId, [ClientId] string ClientId, [BoundedPageToken] string? NextToken = null);

/// <summary>What ListUserPoolClientSecrets gives.</summary>
public sealed record ListUserPoolClientSecretsResponse(IReadOnlyList<ClientSecretDescriptor> ClientSecrets, string? NextToken);

/// <summary>Lists the secrets of a client by id and age, without their values.</summary>
static class ListUserPoolClientSecrets
{
    public static readonly Operation Operation = Operation.Of<ListUserPoolClientSecretsRequest, ListUserPoolClientSecretsResponse, PageTokens>(
        nameof(ListUserPoolClientSecrets), Access.Iam,
        () => ClientsJson.Default.ListUserPoolClientSecretsRequest, () => ClientsJson.Default.ListUserPoolClientSecretsResponse, Handle)
        .Renaming("InternalErrorException", "InternalServerException");

    static async Task<ListUserPoolClientSecretsResponse> Handle(ListUserPoolClientSecretsRequest request, CognitoCall call, PageTokens tokens)
    {
        var client = await DescribeUserPoolClient.Find(call, request.UserPoolId, request.ClientId);
        tokens.Open($"{nameof(ListUserPoolClientSecrets)}/{client.Id}", request.NextToken);
        return new([.. (await call.Clients.Secrets(client.Id, call.Cancel)).Select(secret => ClientSecretDescriptor.Of(secret))], null);
    }
}
