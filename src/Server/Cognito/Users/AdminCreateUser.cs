using Poolhouse.Core.Constraints;

namespace Poolhouse.Server.Cognito.Users;

/// <summary>What AdminCreateUser takes.</summary>
public sealed record AdminCreateUserRequest(
    [PoolId] string UserPoolId,
    [Username] string Username,
    IReadOnlyList<AttributeType>? UserAttributes = null,
    IReadOnlyList<AttributeType>? ValidationData = null,
    [Password] string? TemporaryPassword = null,
    bool? ForceAliasCreation = null,
    [OneOf("RESEND", "SUPPRESS")] string? MessageAction = null,
    [OneOf("SMS", "EMAIL", On = Part.Each)] IReadOnlyList<string>? DesiredDeliveryMediums = null,
    [Text(On = Part.Keys), Text(On = Part.Each)] IReadOnlyDictionary<string, string>? ClientMetadata = null);

/// <summary>What AdminCreateUser gives; here the attributes are called Attributes.</summary>
public sealed record AdminCreateUserResponse(UserDescription User);

/// <summary>Makes a user with a temporary password and sends the invitation, or sends it again.</summary>
static class AdminCreateUser
{
    public static readonly Operation Operation = Operation.Of<AdminCreateUserRequest, AdminCreateUserResponse, Invitations>(
        nameof(AdminCreateUser), Access.Iam,
        () => UsersJson.Default.AdminCreateUserRequest, () => UsersJson.Default.AdminCreateUserResponse, Handle);

    static async Task<AdminCreateUserResponse> Handle(AdminCreateUserRequest request, CognitoCall call, Invitations invitations)
    {
        var pool = await call.Pool(request.UserPoolId);
        var user = request.MessageAction == "RESEND"
            ? await invitations.SendAgain(pool, request, call.Cancel)
            : await invitations.Create(pool, request, call.Preset?.Id, call.Cancel);
        return new(UserDescription.Of(user));
    }
}
