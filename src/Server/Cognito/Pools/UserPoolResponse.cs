using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito.Pools;

/// <summary>A pool, as CreateUserPool and DescribeUserPool answer it.</summary>
public sealed record UserPoolResponse(UserPoolDescription UserPool)
{
    public static UserPoolResponse Of(UserPool pool, IReadOnlyList<PoolDomain> domains, long users) => new(new UserPoolDescription(Shown(pool))
    {
        Id = pool.Id,
        Name = pool.Name,
        Arn = pool.Arn,
        SchemaAttributes = pool.Schema,
        CreationDate = WireTime.Seconds(pool.CreatedAt),
        LastModifiedDate = WireTime.Seconds(pool.ModifiedAt),
        EstimatedNumberOfUsers = (int)Math.Min(users, int.MaxValue),
        Domain = domains.FirstOrDefault(domain => !domain.Custom)?.Domain,
        CustomDomain = domains.FirstOrDefault(domain => domain.Custom)?.Domain,
    });

    /// <summary>The settings with the defaults that the service shows; what it leaves out when unset stays out.</summary>
    static PoolDefinition Shown(UserPool pool)
    {
        var settings = pool.Settings;
        var admin = settings.AdminCreateUserConfig ?? new();
        return settings with
        {
            Policies = new(pool.PasswordPolicy, settings.Policies?.SignInPolicy ?? new(["PASSWORD"])),
            DeletionProtection = settings.DeletionProtection ?? "INACTIVE",
            LambdaConfig = settings.LambdaConfig ?? new(),
            VerificationMessageTemplate = (settings.VerificationMessageTemplate ?? new()) with
            {
                DefaultEmailOption = settings.VerificationMessageTemplate?.DefaultEmailOption ?? "CONFIRM_WITH_CODE",
            },
            MfaConfiguration = pool.MfaConfiguration,
            EmailConfiguration = (settings.EmailConfiguration ?? new()) with
            {
                EmailSendingAccount = settings.EmailConfiguration?.EmailSendingAccount ?? "COGNITO_DEFAULT",
            },
            AdminCreateUserConfig = admin with
            {
                AllowAdminCreateUserOnly = pool.OnlyAdminsCreateUsers,
                UnusedAccountValidityDays = (int)pool.TemporaryPasswordLifetime.TotalDays,
            },
            UserPoolTier = settings.UserPoolTier ?? PoolRules.UnsetTier(settings),
        };
    }
}

/// <summary>A pool on the wire: its settings and what the server adds.</summary>
public sealed record UserPoolDescription : PoolDefinition
{
    public UserPoolDescription(PoolDefinition settings) : base(settings) { }

    public string? Id { get; init; }

    public string? Name { get; init; }

    public string? Arn { get; init; }

    public IReadOnlyList<SchemaAttribute>? SchemaAttributes { get; init; }

    public double CreationDate { get; init; }

    public double LastModifiedDate { get; init; }

    public int EstimatedNumberOfUsers { get; init; }

    public string? Domain { get; init; }

    public string? CustomDomain { get; init; }
}
