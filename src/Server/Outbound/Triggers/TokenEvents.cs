using System.Text.Json;
using System.Text.Json.Serialization;
using Poolhouse.Core.Sessions;

namespace Poolhouse.Server.Outbound.Triggers;

/// <summary>What tokens are minted for; named as the trigger sources name it.</summary>
public enum TokenSource
{
    /// <summary>A sign-in at the hosted pages.</summary>
    HostedAuth,

    /// <summary>A sign-in by the JSON API.</summary>
    Authentication,

    /// <summary>The same, after a temporary password was replaced.</summary>
    NewPasswordChallenge,

    /// <summary>The same, after a device was authenticated.</summary>
    AuthenticateDevice,

    /// <summary>A refresh, by whichever surface.</summary>
    RefreshTokens,

    /// <summary>A machine's token.</summary>
    ClientCredentials,
}

/// <summary>The groups and roles that tokens will carry, or shall carry instead.</summary>
sealed record GroupConfiguration(IReadOnlyList<string>? GroupsToOverride, IReadOnlyList<string>? IamRolesToOverride, string? PreferredRole)
{
    public static GroupConfiguration Of(GroupClaims groups) => new(groups.Groups, groups.Roles, groups.PreferredRole);

    // Present and empty is a wish too: no groups.
    public GroupClaims ToClaims() => new(GroupsToOverride ?? [], IamRolesToOverride ?? [], PreferredRole);
}

/// <summary>Asks what an ID token shall say (V1_0).</summary>
sealed record TokenRequestV1(
    IReadOnlyDictionary<string, string> UserAttributes, GroupConfiguration? GroupConfiguration,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? ClientMetadata);

/// <summary>Asks what both tokens shall say (V2_0, V3_0).</summary>
sealed record TokenRequestV2(
    IReadOnlyDictionary<string, string> UserAttributes, IReadOnlyList<string> Scopes, GroupConfiguration? GroupConfiguration,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyDictionary<string, string>? ClientMetadata);

/// <summary>The answer to V1_0: texts for the ID token.</summary>
sealed record TokenAnswerV1(ClaimsV1? ClaimsOverrideDetails)
{
    public TokenOverrides? ToOverrides() => ClaimsOverrideDetails is not { } details ? null : new(
        new((details.ClaimsToAddOrOverride ?? new Dictionary<string, string?>()).Where(claim => claim.Value is not null)
            .ToDictionary(claim => claim.Key, claim => JsonSerializer.SerializeToElement(claim.Value!, TriggerJson.Default.String)), details.ClaimsToSuppress),
        null, null, details.GroupOverrideDetails?.ToClaims());
}

/// <summary>Changes of the ID token, and of the groups in both.</summary>
sealed record ClaimsV1(
    IReadOnlyDictionary<string, string?>? ClaimsToAddOrOverride, IReadOnlyList<string>? ClaimsToSuppress, GroupConfiguration? GroupOverrideDetails);

/// <summary>The answer to V2_0 and V3_0.</summary>
sealed record TokenAnswerV2(ClaimsV2? ClaimsAndScopeOverrideDetails)
{
    public TokenOverrides? ToOverrides() => ClaimsAndScopeOverrideDetails is not { } details ? null : new(
        details.IdTokenGeneration is { } id ? new(id.ClaimsToAddOrOverride, id.ClaimsToSuppress) : null,
        details.AccessTokenGeneration is { } access ? new(access.ClaimsToAddOrOverride, access.ClaimsToSuppress) : null,
        details.AccessTokenGeneration is { } scopes ? new(scopes.ScopesToAdd, scopes.ScopesToSuppress) : null,
        details.GroupOverrideDetails?.ToClaims());
}

/// <summary>Changes of both tokens.</summary>
sealed record ClaimsV2(IdTokenChange? IdTokenGeneration, AccessTokenChange? AccessTokenGeneration, GroupConfiguration? GroupOverrideDetails);

/// <summary>Changes of the ID token.</summary>
sealed record IdTokenChange(IReadOnlyDictionary<string, JsonElement>? ClaimsToAddOrOverride, IReadOnlyList<string>? ClaimsToSuppress);

/// <summary>Changes of the access token.</summary>
sealed record AccessTokenChange(
    IReadOnlyDictionary<string, JsonElement>? ClaimsToAddOrOverride, IReadOnlyList<string>? ClaimsToSuppress,
    IReadOnlyList<string>? ScopesToAdd, IReadOnlyList<string>? ScopesToSuppress);
