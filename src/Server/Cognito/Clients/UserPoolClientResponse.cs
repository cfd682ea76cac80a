using Poolhouse.Core.Clients;

namespace Poolhouse.Server.Cognito.Clients;

/// <summary>An app client, as three operations answer it.</summary>
public sealed record UserPoolClientResponse(UserPoolClientDescription UserPoolClient)
{
    /// <param name="client">The client.</param>
    /// <param name="hides">Whether the server hides which users exist where a client says nothing of it.</param>
    public static UserPoolClientResponse Of(AppClient client, bool hides) => new(new UserPoolClientDescription(Shown(client, hides))
    {
        UserPoolId = client.PoolId,
        ClientId = client.Id,
        ClientName = client.Name,
        // The newest one: while a secret is being changed, the old one still works but is shown no more.
        ClientSecret = client.Secrets is [.., var secret] ? secret.Reveal() : null,
        CreationDate = WireTime.Seconds(client.CreatedAt),
        LastModifiedDate = WireTime.Seconds(client.ModifiedAt),
    });

    /// <summary>The settings with the defaults that the service shows; what it leaves out when unset stays out.</summary>
    static ClientSettings Shown(AppClient client, bool hides) => client.Settings with
    {
        RefreshTokenValidity = client.Settings.RefreshTokenValidity ?? 30,
        AuthSessionValidity = client.Settings.AuthSessionValidity ?? 3,
        PreventUserExistenceErrors = client.PreventsUserExistenceErrors ?? hides ? "ENABLED" : "LEGACY",
        EnableTokenRevocation = client.RevocationEnabled,
        EnablePropagateAdditionalUserContextData = client.Settings.EnablePropagateAdditionalUserContextData ?? false,
        AllowedOAuthFlowsUserPoolClient = client.OAuthEnabled,
        RefreshTokenRotation = client.Settings.RefreshTokenRotation is { Feature: "ENABLED" } rotation
            ? rotation with { RetryGracePeriodSeconds = (int)client.RetryGrace.TotalSeconds } : client.Settings.RefreshTokenRotation,
    };
}

/// <summary>An app client on the wire: its settings and what it is called.</summary>
public sealed record UserPoolClientDescription : ClientSettings
{
    public UserPoolClientDescription(ClientSettings settings) : base(settings) { }

    public string? UserPoolId { get; init; }

    public string? ClientId { get; init; }

    public string? ClientName { get; init; }

    public string? ClientSecret { get; init; }

    public double CreationDate { get; init; }

    public double LastModifiedDate { get; init; }
}
