using System.Reflection;
using Microsoft.Extensions.Configuration;
using Poolhouse.House.Tests.Docs;
using Poolhouse.House.Tests.Sources;
using Poolhouse.Server;
using Xunit;

namespace Poolhouse.House.Tests;

/// <summary>The binder is generated, and skips what it cannot set without a word: so every setting is set and read back.</summary>
public sealed class SettingsTests
{
    static int binds;

    public static TheoryData<string, string> All { get; } = new(
        from room in Rooms()
        from parameter in room.PropertyType.GetConstructors().MaxBy(one => one.GetParameters().Length)!.GetParameters()
        select (room.Name, parameter.Name!));

    [Theory]
    [MemberData(nameof(All))]
    public void A_setting_given_as_an_environment_variable_is_read_back(string room, string name)
    {
        var usual = Read(Bind(), room, name);
        var (given, expected) = Other(Property(room, name).PropertyType, usual);
        Assert.NotEqual(usual, expected);
        Assert.Equivalent(expected, Read(Bind([.. given.Select(one => KeyValuePair.Create($"{room}:{name}{one.Key}", (string?)one.Value))]), room, name));
    }

    [Fact]
    public void Every_setting_is_on_the_page() =>
        Assert.Equal(All.Select(row => $"{row.Data.Item1}:{row.Data.Item2}").Order(), SettingsDoc.Read(SourceFile.All).Select(one => $"{one.Section}:{one.Name}").Order());

    [Fact]
    public void An_unknown_key_is_refused() =>
        Assert.ThrowsAny<InvalidOperationException>(() => Bind(KeyValuePair.Create("Storage:DataDirectroy", (string?)"x")));

    // Environment variables of this process, as the host reads them; each test has names of its own, so that none sees another's.
    static Settings Bind(params KeyValuePair<string, string?>[] given)
    {
        var prefix = $"POOLHOUSE_TEST{Interlocked.Increment(ref binds)}_";
        foreach (var (key, value) in given) Environment.SetEnvironmentVariable(prefix + key.Replace(":", "__"), value);
        try
        {
            return Settings.Bind(new ConfigurationBuilder().AddEnvironmentVariables(prefix).Build());
        }
        finally
        {
            foreach (var (key, _) in given) Environment.SetEnvironmentVariable(prefix + key.Replace(":", "__"), null);
        }
    }

    // A value that is not the default, as variables and as what must come back.
    static (Dictionary<string, string> Given, object Expected) Other(Type type, object? usual) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var one when one == typeof(string) => (new() { [""] = "another value" }, "another value"),
        var one when one == typeof(bool) => (new() { [""] = $"{usual is not true}" }, usual is not true),
        var one when one == typeof(int) => (new() { [""] = "7919" }, 7919),
        var one when one == typeof(long) => (new() { [""] = "7919" }, 7919L),
        var one when one == typeof(double) => (new() { [""] = "7.5" }, 7.5),
        var one when one == typeof(TimeSpan) => (new() { [""] = "00:07:09" }, new TimeSpan(0, 7, 9)),
        var one when one.IsEnum => (new() { [""] = Enum.GetNames(one)[^1] }, Enum.GetValues(one).GetValue(Enum.GetValues(one).Length - 1)!),
        var one when one.IsAssignableFrom(typeof(string[])) => (new() { [":0"] = "a", [":1"] = "b" }, (string[])["a", "b"]),
        var other => throw new NotSupportedException($"Teach this test a sample of {other}."),
    };

    static PropertyInfo[] Rooms() => typeof(Settings).GetProperties(BindingFlags.Public | BindingFlags.Instance);

    static PropertyInfo Property(string room, string name) => typeof(Settings).GetProperty(room)!.PropertyType.GetProperty(name)!;

    static object? Read(Settings settings, string room, string name) => Property(room, name).GetValue(typeof(Settings).GetProperty(room)!.GetValue(settings));
}
