namespace Poolhouse.Core.Pools;

/// <summary>
/// What a pool can be told that Cognito's API has no member for. These travel as tags of the pool, so that every AWS
/// tool can set them: <c>poolhouse:Issuer</c>, <c>poolhouse:NoSrp</c>, <c>poolhouse:RevokeOnPasswordChange</c>.
/// </summary>
/// <param name="AwsIssuer">Issuer = aws: <c>iss</c> names Amazon's host, for clients that derive it from the pool id.</param>
/// <param name="NoSrp">NoSrp = true: no SRP verifier is stored, and clients that list SRP are refused it.</param>
/// <param name="RevokeOnPasswordChange">RevokeOnPasswordChange = true: a changed or reset password ends the user's sessions.</param>
public sealed record PoolOptions(bool AwsIssuer, bool NoSrp, bool RevokeOnPasswordChange)
{
    /// <summary>What the tags of our own begin with.</summary>
    public const string Prefix = "poolhouse:";

    /// <summary>The options of a pool.</summary>
    public static PoolOptions Of(UserPool pool)
    {
        if (pool.Settings.UserPoolTags is not { } tags) return None;
        return new(tags.GetValueOrDefault($"{Prefix}Issuer") == "aws", IsOn("NoSrp"), IsOn("RevokeOnPasswordChange"));

        bool IsOn(string name) => tags.GetValueOrDefault(Prefix + name) == "true";
    }

    /// <summary>The tag that is none of ours although it claims to be, or null: a misspelt switch must not be silently off.</summary>
    public static string? Unknown(IReadOnlyDictionary<string, string>? tags) => tags?
        .Where(tag => tag.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
        .Where(tag => (tag.Key, tag.Value) is not (("poolhouse:Issuer", "public" or "aws") or ("poolhouse:NoSrp" or "poolhouse:RevokeOnPasswordChange", "true" or "false")))
        .Select(tag => $"{tag.Key}={tag.Value}").FirstOrDefault();

    static readonly PoolOptions None = new(false, false, false);
}
