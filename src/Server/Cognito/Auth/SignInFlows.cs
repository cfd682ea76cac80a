using System.Net;
using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Cognito.Auth;

/// <summary>The flows of InitiateAuth and AdminInitiateAuth, which differ in who may call and in nothing else.</summary>
public sealed class SignInFlows(
    PasswordSignIn passwords, SrpSignIn srp, ChoiceSignIn choice, CustomSignIn custom, SignInResult result, RefreshSession refresh)
{
    /// <summary>Runs a flow that the client has enabled.</summary>
    public async Task<InitiateAuthResponse> Begin(CalledClient called, SignInCall call, IPAddress? address, CancellationToken cancel)
    {
        MustBeEnabled(called.Client, call.AuthFlow);
        var parameters = new AuthParameters(call.AuthParameters, "authParameters");
        if (call.AuthFlow is "REFRESH_TOKEN_AUTH" or "REFRESH_TOKEN") return await Refresh(called, parameters, cancel);

        var (username, device) = (parameters.Username, parameters["DEVICE_KEY"]);
        ClientProof.CheckSecretHash(called.Client, parameters.SecretHash, username);
        var attempt = new SignInAttempt(called.Pool, called.Client, address, ValidationData: call.ClientMetadata);
        return await result.Of(attempt, call.AuthFlow switch
        {
            "USER_PASSWORD_AUTH" or "ADMIN_USER_PASSWORD_AUTH" or "ADMIN_NO_SRP_AUTH" =>
                await passwords.SignIn(attempt, username, parameters.Required("PASSWORD"), device, cancel),
            "USER_SRP_AUTH" => await srp.Begin(attempt, username, parameters.SrpA ?? throw AuthParameters.Missing("SRP_A"), device, cancel),
            "CUSTOM_AUTH" => await custom.Begin(attempt, username, parameters["CHALLENGE_NAME"] == "SRP_A" ? parameters.SrpA ?? throw AuthParameters.Missing("SRP_A") : null, device, cancel),
            "USER_AUTH" when call.Session is { } session => await choice.GoOn(attempt, username, session, device, cancel),
            "USER_AUTH" => await choice.Begin(attempt, username, new(parameters["PREFERRED_CHALLENGE"], parameters["PASSWORD"], parameters.SrpA), device, cancel),
            _ => throw new CognitoException("UnsupportedOperationException", $"The flow {call.AuthFlow} is not built."),
        }, cancel);
    }

    async Task<InitiateAuthResponse> Refresh(CalledClient called, AuthParameters parameters, CancellationToken cancel)
    {
        var (pool, client) = called;
        var token = parameters.Required("REFRESH_TOKEN");
        if (client.IsConfidential && parameters.SecretHash is null) throw new RefusedException(Refusal.SecretHashMissing, client.Id);
        // The hash is over the user's own name, never an alias; whose token it is shows only when it has been read.
        return AuthResponse.Of(await refresh.Redeem(
            pool, client, new(token, parameters["DEVICE_KEY"]), user => ClientProof.CheckSecretHash(client, parameters.SecretHash, user.Username, user.Sub), cancel));
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
}

/// <summary>From a step of a sign-in to the answer: tokens at the end of it, a challenge before.</summary>
public sealed class SignInResult(StartSession sessions)
{
    /// <summary>The answer.</summary>
    public async Task<InitiateAuthResponse> Of(SignInAttempt attempt, SignInStep step, CancellationToken cancel) => step switch
    {
        SignInStep.Proven proven => AuthResponse.Of(await sessions.Start(attempt, proven, cancel)),
        SignInStep.Asked asked => AuthResponse.Of(asked),
        _ => throw new ArgumentOutOfRangeException(nameof(step), step, "This step has no answer."),
    };
}
