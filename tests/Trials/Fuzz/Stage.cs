using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Poolhouse.Core.Constraints;
using Poolhouse.Server.Cognito;

namespace Poolhouse.Trials.Fuzz;

/// <summary>A pool of its own with a client, a group, a user and their tokens, so that good requests can be made before they are spoilt. What a request breaks, the next stage has again.</summary>
sealed class Stage
{
    const string Password = "Poolhouse-1";

    readonly Dictionary<string, string> known = new(StringComparer.Ordinal);

    public string this[string name] => known.GetValueOrDefault(name, "");

    public static async Task<Stage> Set(Host host)
    {
        var stage = new Stage();
        var known = stage.known;
        var pool = known["UserPoolId"] = Text(await host.Must("CreateUserPool", """{"PoolName":"fuzz","AutoVerifiedAttributes":["email"],"AliasAttributes":["email"],"Schema":[{"Name":"email","Mutable":true},{"Name":"level","AttributeDataType":"Number","Mutable":true}]}"""), "UserPool", "Id");
        await host.Must("CreateResourceServer", $$"""{"UserPoolId":"{{pool}}","Identifier":"api","Name":"API","Scopes":[{"ScopeName":"read","ScopeDescription":"d"}]}""");
        await host.Must("CreateGroup", $$"""{"UserPoolId":"{{pool}}","GroupName":"staff","Precedence":1}""");
        var client = (await host.Must("CreateUserPoolClient", $$"""
            {"UserPoolId":"{{pool}}","ClientName":"web","ExplicitAuthFlows":["ALLOW_USER_PASSWORD_AUTH","ALLOW_USER_SRP_AUTH","ALLOW_REFRESH_TOKEN_AUTH","ALLOW_USER_AUTH","ALLOW_CUSTOM_AUTH","ALLOW_ADMIN_USER_PASSWORD_AUTH"],
             "AllowedOAuthFlowsUserPoolClient":true,"AllowedOAuthFlows":["code","implicit"],"AllowedOAuthScopes":["openid","email","profile","phone","api/read"],
             "CallbackURLs":["http://localhost:3000/cb","https://app.example.com/cb?x=1"],"LogoutURLs":["http://localhost:3000/"],"SupportedIdentityProviders":["COGNITO"]}
            """)).GetProperty("UserPoolClient");
        known["ClientId"] = Text(client, "ClientId");
        var machine = (await host.Must("CreateUserPoolClient", $$"""{"UserPoolId":"{{pool}}","ClientName":"machine","GenerateSecret":true,"AllowedOAuthFlowsUserPoolClient":true,"AllowedOAuthFlows":["client_credentials"],"AllowedOAuthScopes":["api/read"]}""")).GetProperty("UserPoolClient");
        (known["MachineId"], known["MachineSecret"]) = (Text(machine, "ClientId"), Text(machine, "ClientSecret"));
        await host.Must("AdminCreateUser", $$"""{"UserPoolId":"{{pool}}","Username":"ana","MessageAction":"SUPPRESS","UserAttributes":[{"Name":"email","Value":"ana@example.com"},{"Name":"email_verified","Value":"true"}]}""");
        await host.Must("AdminSetUserPassword", $$"""{"UserPoolId":"{{pool}}","Username":"ana","Password":"{{Password}}","Permanent":true}""");
        var tokens = (await host.Must("InitiateAuth", $$$"""{"ClientId":"{{{known["ClientId"]}}}","AuthFlow":"USER_PASSWORD_AUTH","AuthParameters":{"USERNAME":"ana","PASSWORD":"{{{Password}}}"}}""")).GetProperty("AuthenticationResult");
        foreach (var name in (string[])["AccessToken", "RefreshToken", "IdToken"]) known[name] = Text(tokens, name);
        known["Session"] = Text(await host.Must("InitiateAuth", $$$"""{"ClientId":"{{{known["ClientId"]}}}","AuthFlow":"USER_AUTH","AuthParameters":{"USERNAME":"ana","PREFERRED_CHALLENGE":"PASSWORD"}}"""), "Session");
        return stage;
    }

    /// <summary>A good body of an operation, as far as its constraints and the names of its members tell what is meant.</summary>
    public string Body(Operation operation, Chance chance) => Of(operation.Constraints, chance, 0).ToJsonString();

    JsonObject Of(ConstraintCheck type, Chance chance, int depth)
    {
        var made = new JsonObject();
        foreach (var member in type.Members)
        {
            var name = member.Property.Name;
            // Functions of a pool are called over the network, which is another trial's matter.
            if (name == "LambdaConfig" || depth > 4) continue;
            if (!member.Required && !known.ContainsKey(name) && chance.Of(0.6)) continue;
            made[name] = Value(member, chance, depth);
        }
        return made;
    }

    JsonNode? Value(Member member, Chance chance, int depth)
    {
        var type = Nullable.GetUnderlyingType(member.Property.PropertyType) ?? member.Property.PropertyType;
        if (member.ElementType is null) return member.Nested is { } record ? Of(record, chance, depth + 1) : Scalar(member.Property.Name, type, member.Rules, chance);
        if (typeof(System.Collections.IDictionary).IsAssignableFrom(type) || (type.IsGenericType && type.GetGenericArguments().Length == 2)) return Parameters(chance);
        return new JsonArray([.. Enumerable.Range(0, chance.Between(1, 2)).Select(_ => member.Nested is { } each ? Of(each, chance, depth + 1) : Scalar(member.Property.Name, member.ElementType, member.EachRules, chance))]);
    }

    JsonNode? Scalar(string name, Type type, IReadOnlyList<Rule> rules, Chance chance)
    {
        if (type == typeof(bool)) return JsonValue.Create(chance.Of(0.5));
        if (type != typeof(string)) return JsonValue.Create(rules.OfType<RangeRule>().FirstOrDefault() is { } range ? chance.Between((int)Math.Max(0, range.Min), (int)Math.Min(3600, range.Max)) : chance.One([0, 1, 5, 60, 3600]));
        return JsonValue.Create(known.GetValueOrDefault(name) ?? (rules.OfType<OneOfRule>().FirstOrDefault() is { } listed && name is not ("AuthFlow" or "ChallengeName") ? chance.One(listed.Values) : Said(name, chance)));
    }

    JsonObject Parameters(Chance chance) => chance.Below(4) switch
    {
        0 => new() { ["USERNAME"] = "ana", ["PASSWORD"] = Password },
        1 => new() { ["USERNAME"] = "ana", ["SRP_A"] = new string('a', 700), ["DEVICE_KEY"] = "us-east-1_00000000-0000-4000-8000-000000000000" },
        2 => new() { ["REFRESH_TOKEN"] = known["RefreshToken"], ["SECRET_HASH"] = "aGFzaA==" },
        _ => new()
        {
            ["USERNAME"] = "ana", ["ANSWER"] = "PASSWORD", ["PASSWORD_CLAIM_SECRET_BLOCK"] = "YWJj", ["PASSWORD_CLAIM_SIGNATURE"] = "YWJj", ["TIMESTAMP"] = "Mon Nov 23 12:00:00 UTC 2026",
            ["SMS_MFA_CODE"] = "123456", ["SOFTWARE_TOKEN_MFA_CODE"] = "123456", ["NEW_PASSWORD"] = "Other-Pass-1", ["poolhouse"] = "x",
        },
    };

    string Said(string name, Chance chance) => name switch
    {
        "Username" or "UserId" => chance.Of(0.8) ? "ana" : $"user{chance.Below(1000)}",
        "Password" or "PreviousPassword" or "ProposedPassword" or "TemporaryPassword" => chance.Of(0.7) ? Password : "Other-Pass-1",
        "AuthFlow" => chance.One(["USER_PASSWORD_AUTH", "USER_SRP_AUTH", "REFRESH_TOKEN_AUTH", "USER_AUTH", "CUSTOM_AUTH", "ADMIN_USER_PASSWORD_AUTH"]),
        "ChallengeName" => chance.One(["PASSWORD", "PASSWORD_VERIFIER", "SELECT_CHALLENGE", "SMS_MFA", "SOFTWARE_TOKEN_MFA", "NEW_PASSWORD_REQUIRED", "DEVICE_SRP_AUTH", "CUSTOM_CHALLENGE", "EMAIL_OTP", "MFA_SETUP"]),
        "Filter" => "email ^= \"ana\"",
        "Name" => chance.One(["email", "name", "custom:level", "phone_number", "birthdate", "zoneinfo"]),
        "Value" => chance.One(["ana@example.com", "7", "+15551234567", "2000-01-01"]),
        "GroupName" => chance.Of(0.7) ? "staff" : $"group{chance.Below(100)}",
        "Identifier" or "ResourceServerIdentifier" => "api",
        "ResourceArn" => $"arn:aws:cognito-idp:us-east-1:000000000000:userpool/{known["UserPoolId"]}",
        "Token" => known["RefreshToken"],
        "ConfirmationCode" or "Code" or "UserCode" => "123456",
        "Domain" => $"fuzz-{chance.Below(1000).ToString(CultureInfo.InvariantCulture)}",
        "AttributeName" or "UserAttributeNames" => "email",
        "NextToken" or "PaginationToken" => "abc",
        "CallbackURLs" or "LogoutURLs" or "DefaultRedirectURI" => "https://app.example.com/cb",
        "PhoneNumber" => "+15551234567",
        "DeviceKey" => "us-east-1_00000000-0000-4000-8000-000000000000",
        _ => chance.One(["ENABLED", "OPTIONAL", "x", "code", "openid", "verified_email", "ALLOW_USER_SRP_AUTH", "COGNITO", "String", "text {####}"]),
    };

    static string Text(JsonElement json, params string[] path) => path.Aggregate(json, (at, name) => at.GetProperty(name)).GetString()!;
}
