using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;

namespace Poolhouse.Guard.AspNetCore;

/// <summary>All of these scopes.</summary>
sealed record ScopeRequirement(IReadOnlyList<string> Scopes) : IAuthorizationRequirement;

/// <summary>One of these groups.</summary>
sealed record GroupRequirement(IReadOnlyList<string> Groups) : IAuthorizationRequirement;

/// <summary>Looks at <c>scope</c>, which is one text with spaces (RFC 6749 §3.3).</summary>
sealed class ScopeHandler : AuthorizationHandler<ScopeRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, ScopeRequirement requirement)
    {
        var granted = context.User.FindAll("scope").SelectMany(claim => claim.Value.Split(' ')).ToHashSet(StringComparer.Ordinal);
        if (requirement.Scopes.All(granted.Contains)) context.Succeed(requirement);
        // RFC 6750 §3.1: the challenge names what is needed.
        else if ((context.Resource as HttpContext)?.Features.Get<GuardFeature>() is { } feature) feature.MissingScopes = string.Join(' ', requirement.Scopes);
        return Task.CompletedTask;
    }
}

/// <summary>Looks at <c>cognito:groups</c>.</summary>
sealed class GroupHandler : AuthorizationHandler<GroupRequirement>
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, GroupRequirement requirement)
    {
        if (requirement.Groups.Any(group => context.User.HasClaim("cognito:groups", group))) context.Succeed(requirement);
        return Task.CompletedTask;
    }
}
