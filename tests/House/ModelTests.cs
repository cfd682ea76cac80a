using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Poolhouse.Core.Constraints;
using Poolhouse.Server.Cognito;
using Xunit;

namespace Poolhouse.House.Tests;

/// <summary>Holds every operation in the table to the service's own API model, where that file lies beside the checkout.</summary>
public class ModelTests
{
    /// <summary>Members that we leave out or bound otherwise, each with its reason.</summary>
    static readonly Dictionary<string, string> Exceptions = new()
    {
        ["CreateUserPoolDomainRequest.Domain"] = "the model's pattern has no dots, which custom domains need; the handler checks it for prefixes",
        ["UpdateUserPoolDomainRequest.Domain"] = "as above",
        ["DeleteUserPoolDomainRequest.Domain"] = "as above",
        ["DescribeUserPoolDomainRequest.Domain"] = "as above",
        ["UserPoolDescription.Status"] = "deprecated by the service and sent no more",
        ["UserPoolDescription.SmsConfigurationFailure"] = "nothing of Amazon's can fail here",
        ["UserPoolDescription.EmailConfigurationFailure"] = "nothing of Amazon's can fail here",
        ["UserPoolSummary.Status"] = "deprecated by the service and sent no more",
        ["UserPoolSummary.ReplicaRegions"] = "replicas are not built",
        ["UserDescription.MFAOptions"] = "of the first years: UserMFASettingList says the same of all factors",
        ["AdminGetUserResponse.MFAOptions"] = "as above",
        ["GetUserResponse.MFAOptions"] = "as above",
        ["DomainDescription.S3Bucket"] = "there is no bucket",
    };

    static readonly Model? model = Model.Load();

    [Fact]
    public void Every_operation_of_the_model_is_in_the_table_or_among_the_unsupported_and_in_no_two_places()
    {
        if (model is null) return;
        Assert.Equal(model.Operations.Order(), Operations.Table.Keys.Concat(Operations.Unsupported.Keys).Order());
        Assert.Equal(129, model.Operations.Count());
    }

    [Fact]
    public void Exactly_the_unsigned_operations_of_the_model_need_no_signature()
    {
        if (model is null) return;
        var wrong = Operations.Table.Values.Where(operation => (operation.Access != Access.Iam) != model.IsUnsigned(operation.Name));
        Assert.Empty(wrong.Select(operation => operation.Name));
        Assert.Equal(32, model.Operations.Count(model.IsUnsigned));
    }

    [Fact]
    public void Requests_have_the_members_and_bounds_of_the_model()
    {
        if (model is null) return;
        var differences = new List<string>();
        foreach (var operation in Operations.Table.Values)
            CompareInput(operation.Constraints, operation.Request().Type.Name, model.Input(operation.Name), differences, []);
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public void Responses_have_the_members_of_the_model()
    {
        if (model is null) return;
        var differences = new List<string>();
        foreach (var operation in Operations.Table.Values)
        {
            var output = model.Output(operation.Name);
            if (output is null != operation.Response is null) differences.Add($"{operation.Name}: the model has {(output is null ? "no" : "an")} output");
            if (output is { } shape && operation.Response is { } response) CompareOutput(response(), shape, differences, []);
        }
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    [Fact]
    public void What_the_machinery_answers_is_in_each_operations_error_list()
    {
        if (model is null) return;
        string[] usual = ["InvalidParameterException", "InternalErrorException", "NotAuthorizedException", "TooManyRequestsException", "ResourceNotFoundException"];
        string[] common = ["ThrottlingException", "AccessDeniedException", "ServiceUnavailableException"];
        var wrong = from operation in Operations.Table.Values
                    from type in usual
                    where type != "ResourceNotFoundException" || operation.Constraints.Members.Any(member => member.Property.Name is "UserPoolId" or "ClientId")
                    where type != "NotAuthorizedException" || operation.Access != Access.Iam
                    let answered = operation.ErrorType(type)
                    where !model.Errors(operation.Name).Contains(answered) && !common.Contains(answered)
                    select $"{operation.Name} answers {answered}";
        Assert.True(!wrong.Any(), string.Join('\n', wrong));
    }

    [Fact]
    public void Every_exception_of_this_test_is_still_needed()
    {
        if (model is null) return;
        var members = new HashSet<string>();
        foreach (var operation in Operations.Table.Values)
        {
            CompareInput(operation.Constraints, operation.Request().Type.Name, model.Input(operation.Name), [], members);
            if (model.Output(operation.Name) is { } shape && operation.Response is { } response) CompareOutput(response(), shape, [], members);
        }
        Assert.Empty(Exceptions.Keys.Except(members));
    }

    static void CompareInput(ConstraintCheck check, string record, JsonElement shape, List<string> differences, HashSet<string> excepted)
    {
        var ours = check.Members.ToDictionary(member => member.Property.Name);
        foreach (var (name, target, required) in model!.Members(shape))
        {
            var at = $"{record}.{name}";
            var member = ours.GetValueOrDefault(name);
            var (mine, theirs) = (member is null ? "missing" : Mine(member), model.Describe(target, required));
            if (mine != theirs)
            {
                if (Exceptions.ContainsKey(at)) excepted.Add(at);
                else differences.Add($"{at}: ours is {mine}, the model's {theirs}");
            }
            if (member?.Nested is { } nested && nested.Members.Count > 0)
                CompareInput(nested, $"{nested.Type.Name}", model.Structure(target), differences, excepted);
        }
        foreach (var name in ours.Keys.Except(model.Members(shape).Select(member => member.Name))) differences.Add($"{record}.{name}: the model has no such member");
    }

    static void CompareOutput(JsonTypeInfo type, JsonElement shape, List<string> differences, HashSet<string> excepted)
    {
        var ours = type.Properties.ToDictionary(property => property.Name);
        foreach (var (name, target, _) in model!.Members(shape))
        {
            var at = $"{type.Type.Name}.{name}";
            if (!ours.TryGetValue(name, out var property))
            {
                if (Exceptions.ContainsKey(at)) excepted.Add(at);
                else differences.Add($"{at}: missing in the response");
                continue;
            }
            var info = type.Options.GetTypeInfo(property.PropertyType);
            if (info.Kind == JsonTypeInfoKind.Enumerable) info = type.Options.GetTypeInfo(info.ElementType!);
            if (info.Kind == JsonTypeInfoKind.Object && model.Structure(target) is { ValueKind: JsonValueKind.Object } nested)
                CompareOutput(info, nested, differences, excepted);
        }
        foreach (var name in ours.Keys.Except(model.Members(shape).Select(member => member.Name))) differences.Add($"{type.Type.Name}.{name}: the model has no such member");
    }

    /// <summary>Our member in the words of <see cref="Model.Describe"/>.</summary>
    static string Mine(Member member) => string.Join(' ', new[]
    {
        member.Required ? "required" : null,
        member.Sensitive ? "sensitive" : null,
        Rules(member.Rules, ""),
        Rules(member.EachRules, "each "),
        Rules(member.KeyRules, "key "),
    }.Where(part => !string.IsNullOrEmpty(part)));

    static string Rules(IEnumerable<Rule> rules, string prefix) => string.Join(' ', rules.Select(rule => prefix + rule switch
    {
        LengthRule length => Model.Bounds("length", length.Min, length.Max == int.MaxValue ? null : length.Max),
        RangeRule range => Model.Bounds("value", range.Min, range.Max == long.MaxValue ? null : range.Max),
        PatternRule pattern => $"/{pattern.Pattern}/",
        OneOfRule set => Model.Enum(set.Values),
        _ => rule.GetType().Name,
    }).Where(text => text.Length > prefix.Length).Order(StringComparer.Ordinal));
}
