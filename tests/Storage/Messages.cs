using Poolhouse.Core.Users;

namespace Poolhouse.Storage.Tests;

/// <summary>Messages for tests.</summary>
static class Messages
{
    public static OutgoingMessage To(Destination to, long now, string code = "123456") =>
        new(now, now + 86_400_000, "SignUp", "p", "ana", to, code, new("Your code", $"It is {code}"));
}
