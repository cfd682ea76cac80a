namespace Poolhouse.Server.Login.Parts;

/// <summary>What went wrong, in a sentence of ours, and the names of the fields that it is about.</summary>
public sealed record Problem(string Message, params string[] Fields)
{
    public const string Id = "problem";
}
