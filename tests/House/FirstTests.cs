using Xunit;

namespace Poolhouse.House.Tests;

public class FirstTests
{
    [Fact]
    public void Json_reflection_is_off_as_in_the_server() =>
        Assert.False(System.Text.Json.JsonSerializer.IsReflectionEnabledByDefault);

    // A misspelt property of a project is no error, and the web SDK asks for a heap for each core.
    [Fact]
    public void The_server_has_one_heap()
    {
        var path = Path.Combine(Repository.Root, "artifacts/bin/Server/release/poolhouse.runtimeconfig.json");
        using var config = System.Text.Json.JsonDocument.Parse(File.ReadAllText(path));
        Assert.False(config.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties").GetProperty("System.GC.Server").GetBoolean());
    }
}
