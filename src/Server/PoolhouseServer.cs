using System.Net;
using Microsoft.AspNetCore.HttpOverrides;
using Poolhouse.Core;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Sessions;
using Poolhouse.Core.Users;
using Poolhouse.Server.Cognito;
using Poolhouse.Server.Cognito.Clients;
using Poolhouse.Server.Dev;
using Poolhouse.Server.Http;
using Poolhouse.Server.Login;
using Poolhouse.Server.OAuth;
using Poolhouse.Server.Outbound;
using Poolhouse.Server.Outbound.Delivery;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.Revocations;
using Poolhouse.Server.Revocations.Ssf;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server;

/// <summary>How the server is run.</summary>
/// <param name="Settings">The host settings.</param>
/// <param name="Dev">Set by `poolhouse dev`; null serves.</param>
public sealed record RunOptions(Settings Settings, DevOptions? Dev = null);

/// <summary>The one way to build the server: for dev, serve, tests and benchmarks alike.</summary>
public static class PoolhouseServer
{
    const string DevSuffix = "auth.localhost";

    /// <summary>Opens the data and wires everything; nothing listens before the application is started.</summary>
    public static async Task<WebApplication> Build(
        RunOptions run, TimeProvider time, KeyMaker makeKey, Action<WebApplicationBuilder>? configure = null, CancellationToken cancel = default)
    {
        run = Completed(run);
        // Nothing of the environment or the working directory but our own settings: an ASPNETCORE_URLS or the appsettings.json of
        // somebody else's program must not open a port, and a directory is not to be watched for changes.
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "poolhouse" });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // It says nothing at this level, but would make an activity and a scope for each request; whoever traces has them all the same.
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None);
        if (run.Settings.Server.JsonLog) builder.Logging.AddJsonConsole();
        else builder.Logging.AddSimpleConsole();
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        Drain.Add(builder.Services, TimeSpan.FromSeconds(run.Settings.Server.DrainSeconds));
        Listening.Configure(builder.WebHost, run);
        configure?.Invoke(builder);

        var services = builder.Services;
        var storage = await OpenStorage(run, time, services, cancel);
        services.AddSingleton(time).AddSingleton(run.Settings.Server).AddSingleton(run.Settings.SignIn).AddSingleton(run.Settings.Audit).AddSingleton(makeKey);
        services.AddSingleton(new LifetimeBounds(run.Dev?.ShortLifetimes == true));
        services.AddSingleton(new PlainHosts(run.Dev is null ? [] : Listening.Names(run.Settings.Server)));
        AddOutbound(services, run);
        services.AddSingleton(new FeedAccessOptions(Open: run.Dev is not null));
        services.AddSingleton(new SignatureOptions(run.Dev is not null, ServerOptions.List(run.Settings.Server.Regions)));
        services.AddSingleton(new SeedSource(run.Dev?.Seed));
        services.AddSingleton(new Cookies(run.Settings.Server.IsHttps, storage.Root));
        services.AddSingleton(at => new PoolHosts(at.GetRequiredService<DomainStore>(), run.Settings.Server.DomainSuffix));
        if (run.Dev is not null) services.AddDev(run.Dev);
        AddStores(services);
        AddUseCases(services);

        var app = builder.Build();
        storage.Fatal = fault => Stop(app, fault);
        Gauges.Register(app.Services);
        Purging.Register(app.Services.GetRequiredService<Database>().Purger, run.Settings.Audit);
        Map(app, run);
        return app;
    }

    static void AddOutbound(IServiceCollection services, RunOptions run)
    {
        var rules = Egress(run);
        try
        {
            services.AddSingleton(rules).AddSingleton<Egress>();
            services.AddSingleton(new FunctionRoutes(run.Settings.Triggers, rules.OfOperator())).AddSingleton(new SenderKey(run.Settings.Triggers.SenderKey));
            services.AddSingleton<FunctionTransport>().AddSingleton<TriggerInvoker>().AddSingleton<PoolTriggers>().AddSingleton<CustomSenders>().AddSingleton<Postbox>();
            AddDelivery(services, run, rules);
            TelemetryExport.Add(services, run.Settings.Telemetry);
        }
        catch (FormatException wrong)
        {
            throw new SettingsException(wrong.Message);
        }
    }

    static void AddDelivery(IServiceCollection services, RunOptions run, EgressRules rules)
    {
        var (mail, sms) = (run.Settings.Mail, run.Settings.Sms);
        services.AddSingleton(new PostboxOptions(run.Settings.Server.PublicUrl!, Mail: mail.Host is not null, Sms: sms.Url is not null, KeepsAll: run.Dev is not null));
        services.AddSingleton<ICarrier>(at => at.GetRequiredService<CustomSenders>());
        if (mail.Host is not null)
        {
            var checkedMail = MailSettings.Read(mail);
            services.AddSingleton<ICarrier>(at => new SmtpCarrier(checkedMail, at.GetRequiredService<PoolStore>()));
        }
        if (sms.Url is not null) services.AddSingleton<ICarrier>(new SmsCarrier(sms, rules));
        services.AddHostedService<Courier>();
    }

    static EgressRules Egress(RunOptions run)
    {
        try
        {
            return new(run.Settings.Outbound, loopback: run.Dev is not null);
        }
        catch (FormatException)
        {
            throw new SettingsException("Outbound:AllowPrivate must list networks, like 10.1.0.0/16, fd00:1::/64.");
        }
    }

    static RunOptions Completed(RunOptions run) => run.Dev is not { } dev ? run : run with
    {
        Settings = run.Settings with
        {
            Server = run.Settings.Server with
            {
                PublicUrl = run.Settings.Server.PublicUrl ?? $"http://localhost:{dev.Port}",
                DomainSuffix = run.Settings.Server.DomainSuffix ?? DevSuffix,
            },
        },
    };

    static async Task<OpenedStorage> OpenStorage(RunOptions run, TimeProvider time, IServiceCollection services, CancellationToken cancel)
    {
        using var logging = LoggerFactory.Create(log => log.AddSimpleConsole().AddFilter("Microsoft", LogLevel.Warning));
        var opened = await OpenedStorage.Open(
            run.Settings, run.Dev is null ? DirectoryKind.Serve : DirectoryKind.Dev, OpenMode.Exclusive, time, logging.CreateLogger<Database>(), cancel);
        // By a factory, so that the container closes the database last.
        services.AddSingleton(_ => opened.Database);
        services.AddSingleton(opened.Root).AddSingleton(opened.RefreshKey);
        return opened;
    }

    static void AddStores(IServiceCollection services) => services
        .AddSingleton<Sealing>().AddSingleton<RefreshTokens>().AddSingleton<CostlyWork>().AddSingleton<PasswordHasher>().AddSingleton<CredentialFactory>()
        .AddSingleton<PoolStore>().AddSingleton<ClientStore>().AddSingleton<DomainStore>().AddSingleton<ResourceServerStore>()
        .AddSingleton<UserStore>().AddSingleton<UserSearch>().AddSingleton<GroupStore>().AddSingleton<SessionStore>().AddSingleton<SigningKeyStore>()
        .AddSingleton<AuthorizationCodeStore>().AddSingleton<ChallengeStore>().AddSingleton<FactorStore>().AddSingleton<DeviceStore>().AddSingleton<ConfirmationCodeStore>().AddSingleton<PasswordHistoryStore>().AddSingleton<ThrottleStore>()
        .AddSingleton<BrowserSessionStore>().AddSingleton<MessageStore>().AddSingleton<AccessKeyStore>().AddSingleton<RevocationStore>()
        .AddSingleton<SsfStreamStore>().AddSingleton<SsfDeliveryStore>();

    static void AddUseCases(IServiceCollection services)
    {
        services
            .AddSingleton<AuditTrail>().AddSingleton<AuditBuffer>().AddHostedService(at => at.GetRequiredService<AuditBuffer>()).AddSingleton<Telemetry>().AddSingleton<Audit>()
            .AddSingleton<Accounts>().AddSingleton<PasswordThrottle>().AddSingleton<PasswordSignIn>().AddSingleton<Passwords>()
            .AddSingleton<NewPasswordStep>().AddSingleton<Nobody>().AddSingleton<FirstFactorChoice>()
            .AddSingleton<Challenges>().AddSingleton<SignInStart>().AddSingleton<NextStep>().AddSingleton<SecondFactors>().AddSingleton<SignInCodes>().AddSingleton<CodeAnswers>().AddSingleton<MfaChoice>().AddSingleton<SoftwareTokens>()
            .AddSingleton<SrpOffers>().AddSingleton<SrpSignIn>().AddSingleton<CustomSignIn>().AddSingleton<ChoiceSignIn>().AddSingleton<DeviceSignIn>().AddSingleton<UserMigration>()
            .AddSingleton<SignUp>().AddSingleton<ForgottenPassword>().AddSingleton<ChangePassword>().AddSingleton<UserAttributes>().AddSingleton<Codes>()
            .AddSingleton<StartSession>().AddSingleton<RefreshSession>().AddSingleton<EndSessions>().AddSingleton<AccessTokenCheck>()
            .AddSingleton<AuthorizationRequests>().AddSingleton<IssueCode>().AddSingleton<BrowserSessions>()
            .AddSingleton<TokenSubjects>().AddSingleton<SeedRunner>();
        services.AddCognito();
        services.AddOAuth();
        services.AddLogin();
        services.AddRevocations();
        services.AddSsf();
    }

    static void Map(WebApplication app, RunOptions run)
    {
        var database = app.Services.GetRequiredService<Database>();
        var guard = Listening.Guard(run);
        if (run.Settings.Server.Proxies is not null) app.UseForwardedHeaders(Proxied(run.Settings.Server));
        TelemetryExport.Map(app, run.Settings.Telemetry);
        app.Use(Requests.Begin);
        app.Use(guard.Check);
        if (run.Dev is not null) app.Use(MarkDev);
        app.UsePageErrors();

        app.MapGet("/healthz", () => TypedResults.Text("ok\n"));
        app.MapGet("/readyz", IResult () => (Drain.NotReady(app.Lifetime) ?? database.NotReady) is { } reason ? TypedResults.Text(reason + "\n", statusCode: 503) : TypedResults.Text("ok\n"));
        Assets.Map(app);
        app.MapCognito();
        OAuthRoutes.Map(app);
        LoginRoutes.Map(app);
        RevocationRoutes.Map(app);
        SsfRoutes.Map(app);
        if (run.Dev is not null) DevRoutes.Map(app);
    }

    static Task MarkDev(HttpContext context, RequestDelegate next)
    {
        context.Response.Headers["X-Poolhouse-Dev"] = "1";
        return next(context);
    }

    static ForwardedHeadersOptions Proxied(ServerOptions server)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var proxy in Listening.Proxies(server)) options.KnownIPNetworks.Add(proxy);
        return options;
    }

    // After a commit whose result is unknown nothing that this process says can be trusted: another start reads what is true.
    static void Stop(WebApplication app, Exception fault)
    {
        app.Logger.LogCritical(fault, "The result of a commit is unknown; the server stops");
        Environment.ExitCode = 1;
        app.Lifetime.StopApplication();
    }
}
