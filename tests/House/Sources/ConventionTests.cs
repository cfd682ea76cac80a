using Xunit;

namespace Poolhouse.House.Tests.Sources;

public sealed class ConventionTests
{
    [Fact]
    public void Every_type_is_introduced_by_a_sentence() => Offenders.None(Conventions.Unexplained(SourceFile.All));

    [Fact]
    public void No_type_has_a_name_that_says_nothing() => Offenders.None(Conventions.Misnamed(SourceFile.All));

    [Fact]
    public void No_type_is_named_like_a_namespace() => Offenders.None(Conventions.NamedLikeNamespaces(SourceFile.All));

    [Fact]
    public void Classes_are_sealed() => Offenders.None(Conventions.Unsealed(SourceFile.All));

    [Fact]
    public void Interfaces_have_a_second_implementation() => Offenders.None(Conventions.LonelyInterfaces(SourceFile.All));

    [Theory]
    [InlineData("class A;", 1)]
    [InlineData("/// Text\nclass A;", 1)]
    [InlineData("// A comment that is not documentation.\nclass A;", 1)]
    [InlineData("/// Holds one thing.\nclass A;", 0)]
    [InlineData("/// <summary>Holds one thing.</summary>\nclass A { class B; }", 0)]
    [InlineData("/// Holds one thing.\npartial class A; partial class A;", 0)]
    [InlineData("/// Reads one thing.\nclass Read; record ReadRequest(int A); record ReadResponse(int A);", 0)]
    [InlineData("record ReadRequest(int A);", 1)]
    [InlineData("/// <inheritdoc cref=\"A\"/>\nclass B;", 0)]
    [InlineData("enum E { A }", 1)]
    [InlineData("delegate void D();", 1)]
    public void A_type_without_a_sentence_is_found(string code, int offenders) => Assert.Equal(offenders, Conventions.Unexplained(Parse(code)).Count());

    [Theory]
    [InlineData("class UserManager;", 1)]
    [InlineData("class UserHelper;", 1)]
    [InlineData("class StoreImpl;", 1)]
    [InlineData("interface IBaseStore;", 1)]
    [InlineData("class DefaultClock;", 1)]
    [InlineData("class Base64Url; class Defaults; class Baseline;", 0)]
    public void An_empty_name_is_found(string code, int offenders) => Assert.Equal(offenders, Conventions.Misnamed(Parse(code)).Count());

    [Theory]
    [InlineData("namespace Poolhouse.Users; class Users;", 1)]
    [InlineData("namespace Poolhouse.Users; class A { class Poolhouse; }", 1)]
    [InlineData("namespace Poolhouse.Users; class UserStore;", 0)]
    public void A_type_named_like_a_namespace_is_found(string code, int offenders) => Assert.Equal(offenders, Conventions.NamedLikeNamespaces(Parse(code)).Count());

    [Theory]
    [InlineData("class A;", 1)]
    [InlineData("sealed class A; static class B; abstract class C; record D(int E); interface I; struct S;", 0)]
    [InlineData("sealed partial class A; partial class A;", 0)]
    [InlineData("class A; sealed class B : A;", 0)]
    public void An_open_class_is_found(string code, int offenders) => Assert.Equal(offenders, Conventions.Unsealed(Parse(code)).Count());

    [Theory]
    [InlineData("interface IA; class B : IA;", 1)]
    [InlineData("interface IA<T>; class B : X.IA<int>; class C : IA<int>;", 0)]
    public void A_lonely_interface_is_found(string code, int offenders) => Assert.Equal(offenders, Conventions.LonelyInterfaces(Parse(code)).Count());

    static SourceFile[] Parse(string code) => [SourceFile.Parse("a.cs", code)];
}
