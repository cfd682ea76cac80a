namespace Poolhouse.Server.Login.Parts;

/// <summary>One labelled input, as every form here shows it.</summary>
public sealed record Field(string Name, string Label, string Type, string Autocomplete)
{
    public string? Value { get; init; }
    public string? Hint { get; init; }
    public string? InputMode { get; init; }
    public bool Required { get; init; } = true;
    public bool ReadOnly { get; init; }
    public Problem? Problem { get; init; }

    public bool IsFaulty => Problem?.Fields.Contains(Name) == true;

    public string? DescribedBy => (IsFaulty, Hint) switch
    {
        (true, null) => Parts.Problem.Id,
        (true, _) => $"{Parts.Problem.Id} {Name}-hint",
        (false, null) => null,
        _ => $"{Name}-hint",
    };

    public static Field Username(string label, string? value, Problem? problem) =>
        new("username", label, "text", "username") { Value = value, InputMode = Keyboard(label), Problem = problem };

    /// <summary>An account that is decided already: shown, sent along, and seen by password managers, but not to be edited.</summary>
    public static Field Account(string label, string? username, Problem? problem) =>
        Username(label, username, problem) with { ReadOnly = !string.IsNullOrEmpty(username) };

    public static Field Password(Problem? problem) =>
        new("password", "Password", "password", "current-password") { Problem = problem };

    public static Field NewPassword(string name, PasswordRules rules, Problem? problem, string label = "New password") =>
        new(name, label, "password", "new-password") { Hint = rules.Sentence, Problem = problem };

    public static Field Code(Problem? problem) =>
        new("code", "Code", "text", "one-time-code") { InputMode = "numeric", Problem = problem };

    // The keyboard only, never type="email": a user may sign in by the sub as well, and a browser would refuse it.
    static string? Keyboard(string label) => label switch
    {
        UsernameLabel.Email or UsernameLabel.EmailOrPhone => "email",
        UsernameLabel.Phone => "tel",
        _ => null,
    };
}
