using Xunit;

namespace Poolhouse.Guard.Tests;

public class FirstTests
{
    [Fact]
    public void Json_reflection_is_off_as_in_the_server() =>
        Assert.False(System.Text.Json.JsonSerializer.IsReflectionEnabledByDefault);
}
