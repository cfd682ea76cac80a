using System.Text.Json.Serialization;
using Poolhouse.Core;
using Poolhouse.Core.Users;

namespace Poolhouse.Storage;

/// <summary>A message to a user, as it goes out.</summary>
/// <param name="At">Unix ms.</param>
/// <param name="Until">Unix ms; what it carries is worth nothing later, and nobody tries to deliver it.</param>
/// <param name="Kind">What caused it: SignUp, ResendCode, ForgotPassword, AdminCreateUser …</param>
/// <param name="Pool">The pool.</param>
/// <param name="Username">The user name.</param>
/// <param name="To">The attribute that it goes to, and the address or number in it.</param>
/// <param name="Code">The code or temporary password.</param>
/// <param name="Text">Its text; null where a function of the pool words and sends it.</param>
/// <param name="ForFunction">What that function is told beside the code.</param>
public sealed record OutgoingMessage(
    long At, long Until, string Kind, string Pool, string Username, Destination To, string Code, WrittenText? Text, FunctionNotes? ForFunction = null);

/// <summary>The text of a message with everything in its place.</summary>
/// <param name="Subject">Of an e-mail; null for an SMS.</param>
/// <param name="Body">The body.</param>
/// <param name="Html">Whether the body is markup.</param>
/// <param name="Link">The link in it that confirms a sign-up, or null.</param>
public sealed record WrittenText(string? Subject, string Body, bool Html = false, string? Link = null);

/// <summary>What a function that sends messages is told about the user.</summary>
/// <param name="ClientId">The app client that caused the message, or null for an administrator.</param>
/// <param name="Attributes">The attributes as functions see them.</param>
/// <param name="Metadata">The call's ClientMetadata, or null.</param>
public sealed record FunctionNotes(string? ClientId, IReadOnlyDictionary<string, string> Attributes, IReadOnlyDictionary<string, string>? Metadata);

/// <summary>Who takes messages away; each has a queue of its own, so that one that is out of order holds nobody else up.</summary>
public static class MessageLane
{
    /// <summary>The mail server.</summary>
    public const string Mail = "mail";

    /// <summary>The SMS webhook.</summary>
    public const string Sms = "sms";

    /// <summary>The pools' own functions.</summary>
    public const string Function = "function";
}

/// <summary>A message in its queue.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Lane">Who takes it away; null for nobody.</param>
/// <param name="DueAt">Unix ms of the next attempt; null when there is none.</param>
/// <param name="Tries">How many attempts there were.</param>
/// <param name="Trouble">Why the last one failed, or null.</param>
/// <param name="Message">The message; null if it was sealed under a key that is gone.</param>
public sealed record QueuedMessage(string Id, string? Lane, long? DueAt, long Tries, string? Trouble, OutgoingMessage? Message);

/// <summary>The JSON form in which this is stored.</summary>
[JsonSerializable(typeof(OutgoingMessage))]
sealed partial class MessagesJson : JsonSerializerContext;
