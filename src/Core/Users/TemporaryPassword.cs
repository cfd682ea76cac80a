using System.Security.Cryptography;
using Poolhouse.Core.Pools;

namespace Poolhouse.Core.Users;

/// <summary>Passwords that the server chooses for users whom an administrator makes.</summary>
public static class TemporaryPassword
{
    // People type these from a message: nothing that looks like something else, and nothing that markup would swallow.
    const string Upper = "ABCDEFGHJKLMNPQRSTUVWXYZ";
    const string Lower = "abcdefghijkmnpqrstuvwxyz";
    const string Digits = "23456789";
    const string Symbols = "!@*-_=+?";
    const int Usual = 14;

    /// <summary>A password with a character of every kind, long enough for the policy: about 80 random bits at the least.</summary>
    public static string Make(PasswordPolicy policy)
    {
        var length = Math.Max(Usual, policy.MinimumLength ?? 0);
        char[] characters =
        [
            .. RandomNumberGenerator.GetItems<char>(Upper, 1), .. RandomNumberGenerator.GetItems<char>(Lower, 1),
            .. RandomNumberGenerator.GetItems<char>(Digits, 1), .. RandomNumberGenerator.GetItems<char>(Symbols, 1),
            .. RandomNumberGenerator.GetItems<char>(Upper + Lower + Digits, length - 4),
        ];
        RandomNumberGenerator.Shuffle(characters.AsSpan());
        return new(characters);
    }
}
