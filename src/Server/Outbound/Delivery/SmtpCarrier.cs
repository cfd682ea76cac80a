using MimeKit;
using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Outbound.Delivery;

/// <summary>Gives e-mail to a mail server. That has taken it when it says so; what becomes of it then is its business.</summary>
sealed class SmtpCarrier(MailSettings settings, PoolStore pools) : ICarrier
{
    const int MostReason = 200;

    public string Lane => MessageLane.Mail;

    public int AtOnce => settings.AtOnce;

    public async Task Carry(QueuedMessage message, OutgoingMessage content, CancellationToken cancel)
    {
        var mail = await Write(message.Id, content, cancel);
        await new MailServer(settings).Use((smtp, cancel) => smtp.SendAsync(mail, cancel), said => Shown(said, content), cancel);
    }

    async Task<MimeMessage> Write(string id, OutgoingMessage content, CancellationToken cancel)
    {
        var pool = await pools.Find(content.Pool, cancel) ?? throw new UndeliveredException("its user pool is gone") { Final = true };
        var (sender, replyTo) = Sender(pool.Settings.EmailConfiguration);
        // An attribute is any text: one that stands for several addresses, or for a name and an address, is none that a code may go to.
        if (MailSettings.Mailbox(content.To.Address) is not { } to || to.Address != content.To.Address)
            throw new UndeliveredException("the user's e-mail address is none") { Final = true };
        var mail = new MimeMessage
        {
            Subject = content.Text!.Subject ?? "",
            Body = new TextPart(content.Text.Html ? "html" : "plain") { Text = content.Text.Body },
            Date = DateTimeOffset.FromUnixTimeMilliseconds(content.At),
            // The same at every try, so that a mail server can tell a message that it has taken already.
            MessageId = $"{id}@{sender.Domain}",
        };
        mail.From.Add(sender);
        mail.To.Add(to);
        if (replyTo is not null) mail.ReplyTo.Add(replyTo);
        // RFC 3834: no out-of-office reply to this.
        mail.Headers.Add("Auto-Submitted", "auto-generated");
        return mail;
    }

    (MailboxAddress Sender, MailboxAddress? ReplyTo) Sender(EmailConfiguration? configured)
    {
        var own = configured?.EmailSendingAccount == "DEVELOPER" ? MailSettings.Mailbox(configured.From) : null;
        return (own ?? settings.From, MailSettings.Mailbox(configured?.ReplyToEmailAddress));
    }

    // What a mail server says may repeat whom it is about.
    static string Shown(string said, OutgoingMessage content)
    {
        var line = said.ReplaceLineEndings(" ").Replace(content.To.Address, content.To.Masked, StringComparison.OrdinalIgnoreCase).Replace(content.Code, "…", StringComparison.Ordinal);
        return line.Length <= MostReason ? line : line[..MostReason] + "…";
    }
}
