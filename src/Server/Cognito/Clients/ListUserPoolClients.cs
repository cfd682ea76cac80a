using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Clients;

/// <summary>What ListUserPoolClients takes.</summary>
public sealed record ListUserPoolClientsRequest([PoolId] string UserPoolId, [Range(1, 60)] int? MaxResults = null, [BoundedPageToken] string? NextToken = null);

/// <summary>What ListUserPoolClients shows of each.</summary>
public sealed record UserPoolClientSummary(string ClientId, string UserPoolId, string ClientName);

/// <summary>What ListUserPoolClients gives.</summary>
public sealed record ListUserPoolClientsResponse(IReadOnlyList<UserPoolClientSummary> UserPoolClients, string? NextToken);

/// <summary>Lists the app clients of a pool by name and id.</summary>
static class ListUserPoolClients
{
    public static readonly Operation Operation = Operation.Of<ListUserPoolClientsRequest, ListUserPoolClientsResponse, PageTokens>(
        nameof(ListUserPoolClients), Access.Iam,
        () => ClientsJson.Default.ListUserPoolClientsRequest, () => ClientsJson.Default.ListUserPoolClientsResponse, Handle);

    static async Task<ListUserPoolClientsResponse> Handle(ListUserPoolClientsRequest request, CognitoCall call, PageTokens tokens)
    {
        var pool = await call.Pool(request.UserPoolId);
        var listing = $"{nameof(ListUserPoolClients)}/{pool.Id}";
        var size = request.MaxResults ?? 60;
        var read = await call.Clients.List(pool.Id, tokens.Open(listing, request.NextToken), size + 1, call.Cancel);
        var (page, next) = tokens.Cut(listing, read, size, client => client.Id);
        return new([.. page.Select(client => new UserPoolClientSummary(client.Id, pool.Id, client.Name))], next);
    }
}
