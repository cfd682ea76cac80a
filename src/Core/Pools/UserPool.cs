namespace Poolhouse.Core.Pools;

/// <summary>A pool: the users of one realm, their schema and the rules by which they sign in.</summary>
/// <param name="Id">Region, underscore, letters and digits.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Region">The region in whose name it was made.</param>
/// <param name="Settings">Its settings as they were given; read them through the properties, which know the defaults.</param>
/// <param name="Schema">Standard and custom attributes.</param>
/// <param name="CreatedAt">Unix milliseconds.</param>
/// <param name="ModifiedAt">Unix milliseconds.</param>
/// <param name="Mfa">The second factors that were turned on, or null if none ever was.</param>
public sealed record UserPool(string Id, string Name, string Region, PoolDefinition Settings, IReadOnlyList<SchemaAttribute> Schema,
    long CreatedAt, long ModifiedAt, PoolMfa? Mfa = null)
{
    readonly Dictionary<string, SchemaAttribute> attributes =
        Schema.ToDictionary(attribute => attribute.Name!, StringComparer.Ordinal);

    public string Arn => $"arn:aws:cognito-idp:{Region}:{Account}:userpool/{Id}";

    /// <summary>The id that an ARN names; of an id that id.</summary>
    public static string IdOf(string arn) => arn[(arn.LastIndexOf('/') + 1)..];

    /// <summary>The account that the pool's ARN names; there is one here.</summary>
    public const string Account = "000000000000";

    public PasswordPolicy PasswordPolicy => Settings.Policies?.PasswordPolicy?.Completed() ?? PasswordPolicy.Unset;

    /// <summary>How many passwords before the one in use must not come back; 0 for none.</summary>
    public int PasswordHistorySize => PasswordPolicy.PasswordHistorySize ?? 0;

    public TimeSpan TemporaryPasswordLifetime => TimeSpan.FromDays(
        Settings.AdminCreateUserConfig?.UnusedAccountValidityDays is > 0 and var days && Settings.Policies?.PasswordPolicy?.TemporaryPasswordValidityDays is null
            ? days : PasswordPolicy.TemporaryPasswordValidityDays ?? 7);

    /// <summary>E-mail or phone number in place of a user name; empty in a pool whose users choose names.</summary>
    public IReadOnlyList<string> UsernameAttributes => Settings.UsernameAttributes ?? [];

    /// <summary>What signs in beside the user name.</summary>
    public IReadOnlyList<string> AliasAttributes => Settings.AliasAttributes ?? [];

    /// <summary>What gets a code at sign-up and at a change.</summary>
    public IReadOnlyList<string> AutoVerifiedAttributes => Settings.AutoVerifiedAttributes ?? [];

    public bool CaseSensitive => Settings.UsernameConfiguration?.CaseSensitive ?? true;

    public bool OnlyAdminsCreateUsers => Settings.AdminCreateUserConfig?.AllowAdminCreateUserOnly ?? false;

    public string MfaConfiguration => Settings.MfaConfiguration ?? "OFF";

    /// <summary>Whether users may have a second factor; see <see cref="Users.Factor"/>.</summary>
    public bool AllowsFactor(string factor) => MfaConfiguration != "OFF" && factor switch
    {
        Users.Factor.Sms => Mfa?.Sms ?? Settings.SmsConfiguration is not null,
        Users.Factor.Totp => Mfa?.SoftwareToken?.Enabled == true,
        Users.Factor.Email => Mfa?.Email is not null,
        _ => false,
    };

    /// <summary>The factors with which a choice-based sign-in may begin; unset means the password alone.</summary>
    public IReadOnlyList<string> FirstFactors => Settings.Policies?.SignInPolicy?.AllowedFirstAuthFactors is { Count: > 0 } listed ? listed : ["PASSWORD"];

    /// <summary>Whether users can do without a password: a code that is sent to them signs them in.</summary>
    public bool SignsInWithoutPassword => FirstFactors.Any(factor => factor is "EMAIL_OTP" or "SMS_OTP");

    public bool TracksDevices => Settings.DeviceConfiguration is not null;

    public bool IsProtected => Settings.DeletionProtection == "ACTIVE";

    /// <summary>The recovery channels in their order, or null where none were set and the old order holds.</summary>
    public IReadOnlyList<string>? RecoveryChannels =>
        Settings.AccountRecoverySetting?.RecoveryMechanisms?.OrderBy(option => option.Priority).Select(option => option.Name).ToArray();

    /// <summary>Whether an attribute keeps its old value until the new one is verified.</summary>
    public bool VerifiesBeforeUpdate(string attribute) =>
        Settings.UserAttributeUpdateSettings?.AttributesRequireVerificationBeforeUpdate?.Contains(attribute) ?? false;

    /// <summary>The schema's entry of an attribute, or null.</summary>
    public SchemaAttribute? Attribute(string name) => attributes.GetValueOrDefault(name);
}
