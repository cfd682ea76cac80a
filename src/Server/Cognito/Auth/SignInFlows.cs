using System.Net;
using System.Text.Json;
using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>The flows of InitiateAuth and AdminInitiateAuth, which differ in who may call and in nothing else.</summary>
public sealed class SignInFlows(PasswordSignIn passwords, NewPasswordStep newPassword, StartSession sessions, RefreshSession refresh)
{
    /// <summary>Runs a flow that the client has enabled.</summary>
    public async Task<AuthResponse> Begin(CalledClient called, string flow, AuthParameters parameters, IPAddress? address, CancellationToken cancel)
    {
        MustBeEnabled(called.Client, flow);
        return flow switch
        {
            "REFRESH_TOKEN_AUTH" or "REFRESH_TOKEN" => await Refresh(called, parameters, cancel),
            "USER_PASSWORD_AUTH" or "ADMIN_USER_PASSWORD_AUTH" or "ADMIN_NO_SRP_AUTH" => await Password(called, parameters, address, cancel),
            _ => throw new CognitoException("UnsupportedOperationException", $"The flow {flow} is not built yet."),
        };
    }

    async Task<AuthResponse> Password(CalledClient called, AuthParameters parameters, IPAddress? address, CancellationToken cancel)
    {
        var (pool, client) = called;
        var (username, password) = (parameters.Username, parameters.Required("PASSWORD"));
        ClientProof.CheckSecretHash(client, parameters.SecretHash, username);
        var proven = await passwords.SignIn(pool, client, username, password, address, cancel);
        return proven.MustChangePassword
            ? new(NewPasswordStep.Name, await newPassword.Give(pool, client, proven.User), WhatIsNeeded(pool, client, proven.User), null)
            : AuthResponse.Of(await sessions.Start(pool, client, proven.User, TokenSource.Authentication, null, cancel));
    }

    async Task<AuthResponse> Refresh(CalledClient called, AuthParameters parameters, CancellationToken cancel)
    {
        var (pool, client) = called;
        var token = parameters.Required("REFRESH_TOKEN");
        if (client.IsConfidential && parameters.SecretHash is null) throw new RefusedException(Refusal.SecretHashMissing, client.Id);
        // The hash is over the user's own name, never an alias; whose token it is shows only when it has been read.
        return AuthResponse.Of(await refresh.Redeem(
            pool, client, token, null, user => ClientProof.CheckSecretHash(client, parameters.SecretHash, user.Username), cancel));
    }

    static void MustBeEnabled(AppClient client, string flow)
    {
        var refreshes = flow is "REFRESH_TOKEN_AUTH" or "REFRESH_TOKEN";
        if (client.AllowsFlow(flow) && !(refreshes && client.RotatesRefreshTokens)) return;
        throw flow switch
        {
            "USER_SRP_AUTH" => CognitoException.InvalidParameter("USER_SRP_AUTH is not enabled for the client."),
            "ADMIN_USER_PASSWORD_AUTH" or "ADMIN_NO_SRP_AUTH" => new RefusedException(Refusal.FlowNotEnabled),
            _ => new RefusedException(Refusal.FlowNotEnabled, refreshes ? "REFRESH_TOKEN_AUTH" : flow),
        };
    }

    /// <summary>The parameters of NEW_PASSWORD_REQUIRED: lists and objects are JSON text, since every value is a string.</summary>
    static Dictionary<string, string> WhatIsNeeded(UserPool pool, AppClient client, User user) => new()
    {
        ["USER_ID_FOR_SRP"] = user.Username,
        ["requiredAttributes"] = JsonSerializer.Serialize(
            [.. NewPasswordStep.Missing(pool, user).Select(name => $"userAttributes.{name}")], AuthJson.Default.ListString),
        ["userAttributes"] = JsonSerializer.Serialize(
            user.Attributes.Where(attribute => client.CanRead(attribute.Key)).ToDictionary(), AuthJson.Default.DictionaryStringString),
    };
}
