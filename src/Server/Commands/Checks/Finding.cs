namespace Poolhouse.Server.Commands.Checks;

/// <summary>How bad it is.</summary>
enum Grade
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>It works, and somebody should look at it.</summary>
    Warn,

    /// <summary>It does not work, or is not safe.</summary>
    Fail,
}

/// <summary>One line of what was looked at: how it is, and how to mend it.</summary>
sealed record Finding(Grade Grade, string About, string Says)
{
    public static Finding Ok(string about, string says) => new(Grade.Ok, about, says);

    public static Finding Warn(string about, string says) => new(Grade.Warn, about, says);

    public static Finding Fail(string about, string says) => new(Grade.Fail, about, says);

    /// <summary>An exception and its causes in one line.</summary>
    public static string Line(Exception fault)
    {
        var text = fault.Message;
        for (var cause = fault.InnerException; cause is not null; cause = cause.InnerException)
            if (!text.Contains(cause.Message, StringComparison.Ordinal)) text += $" ({cause.Message})";
        return text.ReplaceLineEndings(" ");
    }

    public override string ToString() => $"{(Grade == Grade.Fail ? "FAIL" : Grade == Grade.Warn ? "warn" : "ok"),-4}  {About,-10}  {Says}";
}
