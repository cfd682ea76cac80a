using Poolhouse.Core.Keys;
using Poolhouse.Server.Http;
using Poolhouse.Server.Outbound;
using Poolhouse.Server.Outbound.Delivery;
using Poolhouse.Server.Outbound.Triggers;
using Poolhouse.Server.SignIn;
using Poolhouse.Storage;

namespace Poolhouse.Server;

/// <summary>Every host setting: one record per room, bound once at start. A key that no record knows is an error, not a silence.</summary>
public sealed record Settings(StorageOptions Storage, ServerOptions Server, SignInOptions SignIn, KeyOptions Keys, OutboundOptions Outbound,
    TriggerOptions Triggers, MailOptions Mail, SmsOptions Sms, AuditOptions Audit,
    TelemetryOptions Telemetry)
{
    /// <summary>What stands before the names of environment variables: POOLHOUSE_Storage__DataDirectory.</summary>
    public const string Prefix = "POOLHOUSE_";

    /// <summary>Reads them; what is not configured has the default of its declaration.</summary>
    public static Settings Bind(IConfiguration configuration) => new(
        configuration.GetSection("Storage").Get<StorageOptions>(Strictly) ?? new(),
        configuration.GetSection("Server").Get<ServerOptions>(Strictly) ?? new(),
        configuration.GetSection("SignIn").Get<SignInOptions>(Strictly) ?? new(),
        configuration.GetSection("Keys").Get<KeyOptions>(Strictly) ?? new(),
        configuration.GetSection("Outbound").Get<OutboundOptions>(Strictly) ?? new(),
        configuration.GetSection("Triggers").Get<TriggerOptions>(Strictly) ?? new(),
        configuration.GetSection("Mail").Get<MailOptions>(Strictly) ?? new(),
        configuration.GetSection("Sms").Get<SmsOptions>(Strictly) ?? new(),
        configuration.GetSection("Audit").Get<AuditOptions>(Strictly) ?? new(),
        configuration.GetSection("Telemetry").Get<TelemetryOptions>(Strictly) ?? new());

    static void Strictly(BinderOptions options) => options.ErrorOnUnknownConfiguration = true;
}
