namespace Poolhouse.House.Tests.Docs;

/// <summary>The fourteen rooms of the API, in the order of the page; the names are those of the folders in src/Server/Cognito.</summary>
static class Rooms
{
    public static readonly (string Room, string About)[] All =
    [
        ("Auth", "Sign-in, challenges, refresh, sign-out, revocation"),
        ("Account", "What users do with their own account"),
        ("Users", "What administrators do with users"),
        ("Groups", "Groups and who is in them"),
        ("Pools", "User pools, their domains, tags and limits"),
        ("Clients", "App clients and their secrets"),
        ("ResourceServers", "Custom scopes"),
        ("Mfa", "Second factors"),
        ("Passkeys", "Passkeys"),
        ("Devices", "Remembered devices"),
        ("Federation", "Identity providers"),
        ("Branding", "Looks and terms of the hosted pages"),
        ("Risk", "Threat protection and logs"),
        ("Import", "Users from a file"),
    ];
}
