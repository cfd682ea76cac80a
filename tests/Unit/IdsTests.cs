using Poolhouse.Core;
using Xunit;

namespace Poolhouse.Unit.Tests;

/// <summary>Random values as they are given out.</summary>
public sealed class IdsTests
{
    [Fact]
    public void A_handle_is_never_taken_for_an_option_of_a_command_line()
    {
        var handles = Enumerable.Range(0, 1000).Select(_ => Ids.Handle()).ToHashSet();
        Assert.Equal(1000, handles.Count);
        Assert.All(handles, handle => Assert.Matches("^[0-9A-Za-z]{43}$", handle));
    }
}
