using System.Text.Json;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

/// <summary>Which error types an operation may answer: SDKs know only those that the API model lists for it, and the common ones.</summary>
static class ErrorLists
{
    static readonly HashSet<string> Common =
    [
        "AccessDeniedException", "IncompleteSignatureException", "InvalidSignatureException", "MissingAuthenticationTokenException",
        "RequestEntityTooLargeException", "SerializationException", "ServiceUnavailableException", "ThrottlingException",
        "UnknownOperationException", "UnrecognizedClientException",
    ];

    static readonly JsonElement? operations = Load();

    /// <summary>Fails if the type is neither listed nor common; without the model beside the checkout nothing is known.</summary>
    public static void Check(string operation, string type)
    {
        if (operations is not { } known || Common.Contains(type)) return;
        var listed = known.GetProperty(operation).GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("shape").GetString());
        Assert.True(listed.Contains(type), $"{operation} answered {type}, which the API does not list for it");
    }

    /// <summary>The error of a reply, which the API must list for the operation.</summary>
    public static (string? Type, string? Message) Refused(string operation, ApiReply reply)
    {
        Assert.True(reply.Status == 400, $"{operation} answered {reply.Status} {reply.Body.ToJsonString()}");
        Check(operation, reply.Error!);
        return (reply.Error, reply.Message);
    }

    static JsonElement? Load()
    {
        var path = Environment.GetEnvironmentVariable("POOLHOUSE_MODEL") ?? Beside();
        return path is not null && File.Exists(path) ? JsonDocument.Parse(File.ReadAllText(path)).RootElement.GetProperty("operations") : null;
    }

    static string? Beside()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Poolhouse.slnx"))) return Path.Combine(folder.FullName, "..", "shared", "cognito", "model.json");
        return null;
    }
}
