using System.Text.Json;
using Poolhouse.Storage;

namespace Poolhouse.Server.Cognito;

/// <summary>What the audit trail says of an operation that changes something: which, about whom, and how it ended. Nothing else of the call is kept.</summary>
static class ActRecord
{
    // Their beginning is enough to tell: the names are Cognito's.
    static readonly string[] Readers = ["Describe", "List", "Get", "AdminGet", "AdminList"];

    // Sign-ins and what is done with their tokens have events of their own.
    static readonly HashSet<string> SignIns = new(StringComparer.Ordinal)
        { "InitiateAuth", "AdminInitiateAuth", "RespondToAuthChallenge", "AdminRespondToAuthChallenge", "RevokeToken" };

    /// <summary>Whether an operation belongs in the trail.</summary>
    public static bool Concerns(Operation operation) =>
        !SignIns.Contains(operation.Name) && !Array.Exists(Readers, reader => operation.Name.StartsWith(reader, StringComparison.Ordinal));

    /// <summary>The event.</summary>
    public static AuditEvent Of(Operation operation, ReadOnlyMemory<byte> body, CognitoReply reply)
    {
        var (pool, client, about) = Named(body.Span, depth: 1);
        // What was made just now is named by the reply: {"UserPool": {"Id": …}}, {"UserPoolClient": {"ClientId": …}}.
        if (reply.Error is null && operation.Name is "CreateUserPool" or "CreateUserPoolClient")
        {
            var made = Named(reply.Body, depth: 2);
            (pool, client) = (pool ?? made.Pool, client ?? made.Client);
        }
        var subject = about is null ? operation.Name : $"{operation.Name} {about}";
        return new(AuditKind.Operation, reply.Error?.Type ?? AuditEvent.Ok, pool, client, Subject: subject);
    }

    // The body was parsed, and refused or run, before this: it is looked at once more for three names only.
    static (string? Pool, string? Client, string? About) Named(ReadOnlySpan<byte> body, int depth)
    {
        string? pool = null, client = null, about = null;
        try
        {
            var reader = new Utf8JsonReader(body);
            while (reader.Read())
            {
                if (reader is not { TokenType: JsonTokenType.PropertyName } || reader.CurrentDepth != depth) continue;
                var name = reader.GetString();
                reader.Read();
                if (reader.TokenType != JsonTokenType.String)
                {
                    if (depth == 1) reader.Skip();
                    continue;
                }
                switch (name)
                {
                    case "UserPoolId" or "Id": pool = reader.GetString(); break;
                    case "ClientId": client = reader.GetString(); break;
                    case "Username": about = reader.GetString(); break;
                    case "GroupName" or "Domain" or "Identifier" or "PoolName" or "ClientName": about ??= reader.GetString(); break;
                }
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Half of a surrogate pair, say: what was refused for it has no names.
        }
        return (pool, client, about);
    }
}
