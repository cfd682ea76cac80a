using Poolhouse.Core.Pools;

namespace Poolhouse.Core.Users;

/// <summary>The password policy of a pool, checked as Cognito checks it: one reason at a time.</summary>
public static class PasswordRules
{
    const string Symbols = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- ";

    /// <summary>Refuses a password that breaks the policy, naming the broken rule.</summary>
    public static void Check(PasswordPolicy policy, string password)
    {
        if (Broken(policy, password) is { } rule) throw new RefusedException(Refusal.PasswordPolicy, rule);
    }

    /// <summary>The first broken rule in Cognito's words, or null.</summary>
    public static string? Broken(PasswordPolicy policy, string password) =>
        password.Length < policy.MinimumLength ? "Password not long enough"
        : policy.RequireUppercase == true && !password.Any(char.IsAsciiLetterUpper) ? "Password must have uppercase characters"
        : policy.RequireLowercase == true && !password.Any(char.IsAsciiLetterLower) ? "Password must have lowercase characters"
        : policy.RequireNumbers == true && !password.Any(char.IsAsciiDigit) ? "Password must have numeric characters"
        : policy.RequireSymbols == true && !password.Any(character => Symbols.Contains(character, StringComparison.Ordinal)) ? "Password must have symbol characters"
        : null;
}
