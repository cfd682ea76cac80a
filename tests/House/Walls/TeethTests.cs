using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Mono.Cecil;
using Xunit;

namespace Poolhouse.House.Tests.Walls;

/// <summary>The checker itself: one small assembly for every way of reaching through a wall.</summary>
public sealed class TeethTests
{
    static readonly MetadataReference[] Framework = [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
        .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal)).Select(path => MetadataReference.CreateFromFile(path))];

    [Theory]
    [InlineData("class A : Cognito.Open { }")]
    [InlineData("class A : Cognito.IPlain { }")]
    [InlineData("class A { Cognito.Open? field; }")]
    [InlineData("class A { System.Collections.Generic.List<Cognito.Open[]>? field; }")]
    [InlineData("class A { Cognito.Open? Property { get; set; } }")]
    [InlineData("class A { Cognito.Open? Method() => null; }")]
    [InlineData("class A { void Method(Cognito.Open given) { } }")]
    [InlineData("class A { void Method<T>() where T : Cognito.Open { } }")]
    [InlineData("class A { int Method() => Cognito.Open.Count(); }")]
    [InlineData("class A { int Method() => Cognito.Open.Field; }")]
    [InlineData("class A { object Method() => new Cognito.Open.Inner(); }")]
    [InlineData("class A { object Method() => typeof(Cognito.Open); }")]
    [InlineData("class A { bool Method(object given) => given is Cognito.Open; }")]
    [InlineData("class A { string? Method() => System.Activator.CreateInstance<Cognito.Open>().ToString(); }")]
    [InlineData("class A { void Method() { try { } catch (Cognito.Fault) { } } }")]
    [InlineData("class A { System.Func<int> Method() => () => Cognito.Open.Count(); }")]
    [InlineData("class A { async System.Threading.Tasks.Task<int> Method() { await System.Threading.Tasks.Task.Yield(); return Cognito.Open.Count(); } }")]
    [InlineData("class A { class Nested { Cognito.Open? field; } }")]
    [InlineData("[Cognito.Mark] class A { }")]
    [InlineData("class A { [System.Obsolete, Cognito.Mark] void Method() { } }")]
    [InlineData("[Names(typeof(Cognito.Open))] class A { }")]
    public void A_surface_that_names_another_is_found(string code) => Assert.Contains(Check("OAuth", code), breach => breach is { From: "OAuth", To: "Cognito" });

    [Theory]
    [InlineData("SignIn", "class A { OAuth.NamesAttribute? field; }")]
    [InlineData("Http", "class A { SignIn.Step? field; }")]
    [InlineData("Dev", "class A { Cognito.Open? field; }")]
    [InlineData("Login", "class A { Poolhouse.Server.AtTheRoot? field; }")]
    public void Other_forbidden_directions_are_found(string room, string code) => Assert.NotEmpty(Check(room, code));

    [Theory]
    [InlineData("OAuth", "class A { SignIn.Step? field; }")]
    [InlineData("Cognito", "class A { Cognito.Open? field; }")]
    [InlineData("Dev", "class A { int Method() => Cognito.CognitoDispatcher.Run(); }")]
    public void Allowed_directions_are_left_alone(string room, string code) => Assert.Empty(Check(room, code));

    [Fact]
    public void A_view_belongs_to_the_room_of_its_folder()
    {
        var view = "namespace AspNetCoreGeneratedDocument { class Login_SignIn_SignInPage { Poolhouse.Server.Cognito.Open? model; } }";
        Assert.Contains(Check("OAuth", "class A { }", view), breach => breach is { From: "Login", To: "Cognito" });
    }

    static List<Breach> Check(string room, string code, string? beside = null)
    {
        var around = $$"""
            #nullable enable
            #pragma warning disable
            {{beside}}
            namespace Poolhouse.Server { class AtTheRoot { } }
            namespace Poolhouse.Server.SignIn { class Step { } }
            namespace Poolhouse.Server.OAuth { class NamesAttribute(System.Type type) : System.Attribute { } }
            namespace Poolhouse.Server.Cognito
            {
                interface IPlain { }
                class MarkAttribute : System.Attribute { }
                class Fault : System.Exception { }
                class CognitoDispatcher { public static int Run() => 1; }
                class Open { public static int Field = System.Environment.ProcessId; public static int Count() => 1; public class Inner { } }
            }
            namespace Poolhouse.Server.{{room}} { {{code}} }
            """;
        var compilation = CSharpCompilation.Create("sample", [CSharpSyntaxTree.ParseText(around, cancellationToken: TestContext.Current.CancellationToken)], Framework, new(OutputKind.DynamicallyLinkedLibrary));
        using var stream = new MemoryStream();
        var emitted = compilation.Emit(stream, cancellationToken: TestContext.Current.CancellationToken);
        Assert.True(emitted.Success, string.Join('\n', emitted.Diagnostics));
        stream.Position = 0;
        using var module = ModuleDefinition.ReadModule(stream);
        return [.. WallsTests.Server.Breaches(module)];
    }
}
