namespace Poolhouse.Server.Login.Parts;

/// <summary>A pool's password policy, said in one sentence under the field.</summary>
public sealed record PasswordRules(int MinimumLength, bool Uppercase, bool Lowercase, bool Number, bool Symbol)
{
    public string Sentence
    {
        get
        {
            var length = $"At least {MinimumLength} characters";
            string[] parts = [.. Parts()];
            return parts switch
            {
                [] => length + ".",
                [var only] => $"{length}, with {only}.",
                [.. var first, var last] => $"{length}, with {string.Join(", ", first)} and {last}.",
            };
        }
    }

    IEnumerable<string> Parts()
    {
        if (Lowercase) yield return "a lowercase letter";
        if (Uppercase) yield return "an uppercase letter";
        if (Number) yield return "a number";
        if (Symbol) yield return "a symbol";
    }
}
