using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Xunit;

namespace Poolhouse.Unit.Tests.Users;

public class PasswordRuleTests
{
    [Theory]
    [InlineData("Abcde1-", "Password not long enough")]
    [InlineData("Abcdef1-", null)]
    [InlineData("abcdef1-", "Password must have uppercase characters")]
    [InlineData("ABCDEF1-", "Password must have lowercase characters")]
    [InlineData("Abcdefg-", "Password must have numeric characters")]
    [InlineData("Abcdefg1", "Password must have symbol characters")]
    [InlineData("\u00c4bcdef1-", "Password must have uppercase characters")]
    [InlineData("Abcdef\u0661-", "Password must have numeric characters")]
    [InlineData("Abcdef1\u20ac", "Password must have symbol characters")]
    [InlineData("abc", "Password not long enough")]
    public void The_first_broken_rule_is_named_in_Cognitos_words(string password, string? broken) =>
        Assert.Equal(broken, PasswordRules.Broken(PasswordPolicy.Unset, password));

    [Fact]
    public void Each_of_Cognitos_symbols_counts()
    {
        foreach (var symbol in "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+-") Assert.Null(PasswordRules.Broken(PasswordPolicy.Unset, $"Abcdef1{symbol}"));
        foreach (var other in "\u00a7\u20ac\u00b0") Assert.NotNull(PasswordRules.Broken(PasswordPolicy.Unset, $"Abcdef1{other}"));
    }

    [Fact]
    public void A_policy_asks_for_no_more_than_it_says()
    {
        var lax = new PasswordPolicy(MinimumLength: 6).Completed();
        Assert.Null(PasswordRules.Broken(lax, "aaaaaa"));
        Assert.Equal("Password not long enough", PasswordRules.Broken(lax, "aaaaa"));
        Assert.Null(PasswordRules.Broken(new PasswordPolicy(RequireNumbers: true).Completed(), "aaaaaaa1"));
    }

    [Fact]
    public void A_refusal_names_the_rule_and_never_the_password()
    {
        var refused = Assert.Throws<RefusedException>(() => PasswordRules.Check(PasswordPolicy.Unset, "canary-Password"));
        Assert.Equal((Refusal.PasswordPolicy, "Password must have numeric characters"), (refused.Reason, refused.Detail));
        Assert.DoesNotContain("canary", refused.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Temporary_passwords_keep_every_policy()
    {
        foreach (var policy in (PasswordPolicy[])[PasswordPolicy.Unset, PasswordPolicy.Unset with { MinimumLength = 99 }, new PasswordPolicy().Completed()])
            for (var i = 0; i < 200; i++)
                Assert.Null(PasswordRules.Broken(policy with { RequireSymbols = true, RequireNumbers = true }, TemporaryPassword.Make(policy)));
    }
}
