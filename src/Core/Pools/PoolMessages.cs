using Poolhouse.Core.Constraints;

namespace Poolhouse.Core.Pools;

/// <summary>The text of an SMS with a place for the code.</summary>
public sealed class SmsTemplateAttribute() : FormatAttribute(6, 140, @".*\{####\}.*");

/// <summary>The text of an e-mail with a place for the code.</summary>
public sealed class EmailTemplateAttribute() : FormatAttribute(6, 20000,
    @"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{####\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*");

/// <summary>The subject of an e-mail.</summary>
public sealed class EmailSubjectAttribute() : FormatAttribute(1, 140, @"[\p{L}\p{M}\p{S}\p{N}\p{P}\s]+");

/// <summary>The messages that carry verification codes.</summary>
public sealed record VerificationMessageTemplate(
    [SmsTemplate] string? SmsMessage = null,
    [EmailTemplate] string? EmailMessage = null,
    [EmailSubject] string? EmailSubject = null,
    [Length(6, 20000), Pattern(@"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*\{##[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*##\}[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*")]
    string? EmailMessageByLink = null,
    [EmailSubject] string? EmailSubjectByLink = null,
    [OneOf("CONFIRM_WITH_LINK", "CONFIRM_WITH_CODE")] string? DefaultEmailOption = null);

/// <summary>The invitation that AdminCreateUser sends.</summary>
public sealed record MessageTemplate(
    [Length(6, 140), Pattern("(?s).*")] string? SMSMessage = null,
    [Length(6, 20000), Pattern(@"[\p{L}\p{M}\p{S}\p{N}\p{P}\s*]*")] string? EmailMessage = null,
    [EmailSubject] string? EmailSubject = null);

/// <summary>By whom e-mail is sent.</summary>
public sealed record EmailConfiguration(
    [Arn] string? SourceArn = null,
    [Pattern(@"[\p{L}\p{M}\p{S}\p{N}\p{P}]+@[\p{L}\p{M}\p{S}\p{N}\p{P}]+")] string? ReplyToEmailAddress = null,
    [OneOf("COGNITO_DEFAULT", "DEVELOPER")] string? EmailSendingAccount = null,
    [Text] string? From = null,
    [Length(1, 64), Pattern("^[a-zA-Z0-9_-]+$")] string? ConfigurationSet = null);

/// <summary>By whom SMS are sent.</summary>
public sealed record SmsConfiguration(
    [Length(0, 2048), Pattern(@"(arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:[0-9]+:[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?)?")]
    string? SnsCallerArn = null,
    [Text] string? ExternalId = null,
    [Length(5, 32)] string? SnsRegion = null,
    EumsSmsConfiguration? EumsSms = null);

/// <summary>An end-user-messaging account that sends SMS.</summary>
public sealed record EumsSmsConfiguration(
    [Arn] string CallerArn,
    [Text] string? ExternalId = null,
    [Text] string? OriginationIdentity = null,
    [Text] string? ConfigurationSetName = null,
    [Text] string? InEntityId = null,
    [Text] string? InTemplateId = null,
    [Length(5, 32)] string? Region = null);
