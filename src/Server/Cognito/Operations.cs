using System.Collections.Frozen;

namespace Poolhouse.Server.Cognito;

/// <summary>The table of contents: every operation that is built, and by room those that are not.</summary>
public static class Operations
{
    public static readonly FrozenDictionary<string, Operation> Table = new[]
    {
        Pools.AddCustomAttributes.Operation,
        Pools.CreateUserPool.Operation,
        Pools.CreateUserPoolDomain.Operation,
        Pools.DeleteUserPool.Operation,
        Pools.DeleteUserPoolDomain.Operation,
        Pools.DescribeUserPool.Operation,
        Pools.DescribeUserPoolDomain.Operation,
        Pools.GetSigningCertificate.Operation,
        Pools.GetUserPoolMfaConfig.Operation,
        Pools.ListTagsForResource.Operation,
        Pools.ListUserPools.Operation,
        Pools.SetUserPoolMfaConfig.Operation,
        Pools.TagResource.Operation,
        Pools.UntagResource.Operation,
        Pools.UpdateUserPool.Operation,
        Pools.UpdateUserPoolDomain.Operation,

        Clients.AddUserPoolClientSecret.Operation,
        Clients.CreateUserPoolClient.Operation,
        Clients.DeleteUserPoolClient.Operation,
        Clients.DeleteUserPoolClientSecret.Operation,
        Clients.DescribeUserPoolClient.Operation,
        Clients.ListUserPoolClientSecrets.Operation,
        Clients.ListUserPoolClients.Operation,
        Clients.UpdateUserPoolClient.Operation,

        ResourceServers.CreateResourceServer.Operation,
        ResourceServers.DeleteResourceServer.Operation,
        ResourceServers.DescribeResourceServer.Operation,
        ResourceServers.ListResourceServers.Operation,
        ResourceServers.UpdateResourceServer.Operation,

        Users.AdminConfirmSignUp.Operation,
        Users.AdminCreateUser.Operation,
        Users.AdminDeleteUser.Operation,
        Users.AdminDeleteUserAttributes.Operation,
        Users.AdminDisableUser.Operation,
        Users.AdminEnableUser.Operation,
        Users.AdminGetUser.Operation,
        Users.AdminResetUserPassword.Operation,
        Users.AdminSetUserPassword.Operation,
        Users.AdminUpdateUserAttributes.Operation,
        Users.AdminUserGlobalSignOut.Operation,
        Users.ListUsers.Operation,

        Groups.AdminAddUserToGroup.Operation,
        Groups.AdminListGroupsForUser.Operation,
        Groups.AdminRemoveUserFromGroup.Operation,
        Groups.CreateGroup.Operation,
        Groups.DeleteGroup.Operation,
        Groups.GetGroup.Operation,
        Groups.ListGroups.Operation,
        Groups.ListUsersInGroup.Operation,
        Groups.UpdateGroup.Operation,

        Account.ChangePassword.Operation,
        Account.ConfirmForgotPassword.Operation,
        Account.ConfirmSignUp.Operation,
        Account.DeleteUser.Operation,
        Account.DeleteUserAttributes.Operation,
        Account.ForgotPassword.Operation,
        Account.GetUser.Operation,
        Account.GetUserAttributeVerificationCode.Operation,
        Account.GlobalSignOut.Operation,
        Account.ResendConfirmationCode.Operation,
        Account.SignUp.Operation,
        Account.UpdateUserAttributes.Operation,
        Account.VerifyUserAttribute.Operation,

        Auth.AdminGetUserAuthFactors.Operation,
        Auth.AdminInitiateAuth.Operation,
        Auth.AdminRespondToAuthChallenge.Operation,
        Auth.GetTokensFromRefreshToken.Operation,
        Auth.GetUserAuthFactors.Operation,
        Auth.InitiateAuth.Operation,
        Auth.RespondToAuthChallenge.Operation,
        Auth.RevokeToken.Operation,

        Devices.AdminForgetDevice.Operation,
        Devices.AdminGetDevice.Operation,
        Devices.AdminListDevices.Operation,
        Devices.AdminUpdateDeviceStatus.Operation,
        Devices.ConfirmDevice.Operation,
        Devices.ForgetDevice.Operation,
        Devices.GetDevice.Operation,
        Devices.ListDevices.Operation,
        Devices.UpdateDeviceStatus.Operation,

        Mfa.AdminSetUserMFAPreference.Operation,
        Mfa.AdminSetUserSettings.Operation,
        Mfa.AssociateSoftwareToken.Operation,
        Mfa.SetUserMFAPreference.Operation,
        Mfa.SetUserSettings.Operation,
        Mfa.VerifySoftwareToken.Operation,
    }.ToFrozenDictionary(operation => operation.Name, StringComparer.Ordinal);

    /// <summary>What answers that it is not built yet: the operation's name and its room.</summary>
    public static readonly FrozenDictionary<string, string> Unsupported = new Dictionary<string, string[]>
    {
        ["Branding"] =
        [
            "CreateManagedLoginBranding", "CreateTerms", "DeleteManagedLoginBranding", "DeleteTerms", "DescribeManagedLoginBranding",
            "DescribeManagedLoginBrandingByClient", "DescribeTerms", "GetUICustomization", "ListTerms", "SetUICustomization",
            "UpdateManagedLoginBranding", "UpdateTerms",
        ],
        ["Federation"] =
        [
            "AdminDisableProviderForUser", "AdminLinkProviderForUser", "CreateIdentityProvider", "DeleteIdentityProvider",
            "DescribeIdentityProvider", "GetIdentityProviderByIdentifier", "ListIdentityProviders", "UpdateIdentityProvider",
        ],
        ["Import"] =
        [
            "CreateUserImportJob", "DescribeUserImportJob", "GetCSVHeader", "ListUserImportJobs", "StartUserImportJob", "StopUserImportJob",
        ],
        ["Passkeys"] =
        [
            "CompleteWebAuthnRegistration", "DeleteWebAuthnCredential", "ListWebAuthnCredentials", "StartWebAuthnRegistration",
        ],
        ["Pools"] =
        [
            "CreateUserPoolReplica", "DeleteUserPoolReplica", "ListUserPoolReplicas", "UpdateUserPoolReplica", "GetProvisionedLimit",
            "UpdateProvisionedLimit",
        ],
        ["Risk"] =
        [
            "AdminListUserAuthEvents", "AdminUpdateAuthEventFeedback", "DescribeRiskConfiguration", "GetLogDeliveryConfiguration",
            "SetLogDeliveryConfiguration", "SetRiskConfiguration", "UpdateAuthEventFeedback",
        ],
    }.SelectMany(room => room.Value, (room, name) => KeyValuePair.Create(name, room.Key)).ToFrozenDictionary(StringComparer.Ordinal);
}
