namespace Poolhouse.House.Tests.Docs;

/// <summary>The fourteen rooms of the API and the 129 operations in them, as the folders of src/Server/Cognito are named.</summary>
static class Rooms
{
    public static readonly (string Room, string About, string[] Operations)[] All =
    [
        ("Auth", "Sign-in, challenges, refresh, sign-out, revocation", Names("""
            InitiateAuth AdminInitiateAuth RespondToAuthChallenge AdminRespondToAuthChallenge GetTokensFromRefreshToken RevokeToken
            GlobalSignOut AdminUserGlobalSignOut GetUserAuthFactors AdminGetUserAuthFactors
            """)),
        ("Account", "What users do with their own account", Names("""
            SignUp ConfirmSignUp ResendConfirmationCode ForgotPassword ConfirmForgotPassword ChangePassword GetUser DeleteUser
            UpdateUserAttributes DeleteUserAttributes GetUserAttributeVerificationCode VerifyUserAttribute
            """)),
        ("Users", "What administrators do with users", Names("""
            AdminCreateUser AdminGetUser AdminUpdateUserAttributes AdminDeleteUserAttributes AdminDeleteUser AdminSetUserPassword
            AdminResetUserPassword AdminConfirmSignUp AdminDisableUser AdminEnableUser ListUsers
            """)),
        ("Groups", "Groups and who is in them", Names("""
            CreateGroup GetGroup UpdateGroup DeleteGroup ListGroups AdminAddUserToGroup AdminRemoveUserFromGroup AdminListGroupsForUser
            ListUsersInGroup
            """)),
        ("Pools", "User pools, their domains, tags and limits", Names("""
            CreateUserPool DescribeUserPool UpdateUserPool DeleteUserPool ListUserPools AddCustomAttributes CreateUserPoolDomain
            DescribeUserPoolDomain UpdateUserPoolDomain DeleteUserPoolDomain GetUserPoolMfaConfig SetUserPoolMfaConfig
            GetSigningCertificate TagResource UntagResource ListTagsForResource GetProvisionedLimit UpdateProvisionedLimit
            CreateUserPoolReplica UpdateUserPoolReplica DeleteUserPoolReplica ListUserPoolReplicas
            """)),
        ("Clients", "App clients and their secrets", Names("""
            CreateUserPoolClient DescribeUserPoolClient UpdateUserPoolClient DeleteUserPoolClient ListUserPoolClients
            AddUserPoolClientSecret DeleteUserPoolClientSecret ListUserPoolClientSecrets
            """)),
        ("ResourceServers", "Custom scopes", Names("""
            CreateResourceServer DescribeResourceServer UpdateResourceServer DeleteResourceServer ListResourceServers
            """)),
        ("Mfa", "Second factors", Names("""
            AssociateSoftwareToken VerifySoftwareToken SetUserMFAPreference AdminSetUserMFAPreference SetUserSettings AdminSetUserSettings
            """)),
        ("Passkeys", "Passkeys", Names("""
            StartWebAuthnRegistration CompleteWebAuthnRegistration ListWebAuthnCredentials DeleteWebAuthnCredential
            """)),
        ("Devices", "Remembered devices", Names("""
            ConfirmDevice GetDevice ListDevices UpdateDeviceStatus ForgetDevice AdminGetDevice AdminListDevices AdminUpdateDeviceStatus
            AdminForgetDevice
            """)),
        ("Federation", "Identity providers", Names("""
            CreateIdentityProvider DescribeIdentityProvider UpdateIdentityProvider DeleteIdentityProvider ListIdentityProviders
            GetIdentityProviderByIdentifier AdminLinkProviderForUser AdminDisableProviderForUser
            """)),
        ("Branding", "Looks and terms of the hosted pages", Names("""
            CreateManagedLoginBranding DescribeManagedLoginBranding DescribeManagedLoginBrandingByClient UpdateManagedLoginBranding
            DeleteManagedLoginBranding GetUICustomization SetUICustomization CreateTerms DescribeTerms UpdateTerms DeleteTerms ListTerms
            """)),
        ("Risk", "Threat protection and logs", Names("""
            DescribeRiskConfiguration SetRiskConfiguration AdminListUserAuthEvents AdminUpdateAuthEventFeedback UpdateAuthEventFeedback
            GetLogDeliveryConfiguration SetLogDeliveryConfiguration
            """)),
        ("Import", "Users from a file", Names("""
            GetCSVHeader CreateUserImportJob DescribeUserImportJob ListUserImportJobs StartUserImportJob StopUserImportJob
            """)),
    ];

    static string[] Names(string text) => text.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
