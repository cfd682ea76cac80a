using Poolhouse.Core.Constraints;

namespace Poolhouse.Core.Pools;

/// <summary>The triggers of a pool, by the names of the functions that they call.</summary>
public sealed record LambdaConfig
{
    [Arn]
    public string? PreSignUp { get; init; }

    [Arn]
    public string? CustomMessage { get; init; }

    [Arn]
    public string? PostConfirmation { get; init; }

    [Arn]
    public string? PreAuthentication { get; init; }

    [Arn]
    public string? PostAuthentication { get; init; }

    [Arn]
    public string? DefineAuthChallenge { get; init; }

    [Arn]
    public string? CreateAuthChallenge { get; init; }

    [Arn]
    public string? VerifyAuthChallengeResponse { get; init; }

    [Arn]
    public string? PreTokenGeneration { get; init; }

    [Arn]
    public string? UserMigration { get; init; }

    public PreTokenGenerationConfig? PreTokenGenerationConfig { get; init; }

    public CustomSender? CustomSMSSender { get; init; }

    public CustomSender? CustomEmailSender { get; init; }

    [Arn]
    public string? KMSKeyID { get; init; }

    public CustomSender? InboundFederation { get; init; }
}

/// <summary>The trigger before tokens are made, with the version of its event.</summary>
public sealed record PreTokenGenerationConfig([OneOf("V1_0", "V2_0", "V3_0")] string LambdaVersion, [Arn] string LambdaArn);

/// <summary>A trigger whose event has one version so far.</summary>
public sealed record CustomSender([OneOf("V1_0")] string LambdaVersion, [Arn] string LambdaArn);
