using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using Poolhouse.Core.Pools;
using Poolhouse.Storage;

namespace Poolhouse.Server.Outbound.Delivery;

/// <summary>Gives e-mail to a mail server. That has taken it when it says so; what becomes of it then is its business.</summary>
sealed class SmtpCarrier(MailSettings settings, PoolStore pools) : ICarrier
{
    const int MostReason = 200;
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public string Lane => MessageLane.Mail;

    public int AtOnce => settings.AtOnce;

    public async Task Carry(QueuedMessage message, OutgoingMessage content, CancellationToken cancel)
    {
        var mail = await Write(message.Id, content, cancel);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            // Revocation lists of certificates would be fetched by plain HTTP from wherever the certificate says.
            using var smtp = new SmtpClient { CheckCertificateRevocation = false };
            await smtp.ConnectAsync(settings.Host, settings.Port, settings.Security, patience.Token);
            if (settings.SignIn is { } signIn) await smtp.AuthenticateAsync(signIn, patience.Token);
            await smtp.SendAsync(mail, patience.Token);
            // It is taken: a goodbye that is not answered changes nothing.
            await smtp.DisconnectAsync(quit: true, patience.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new UndeliveredException($"the mail server did not finish within {Patience.TotalSeconds:0} s");
        }
        catch (SmtpCommandException refused)
        {
            // 5yz is for good (RFC 5321 §4.2.1), if it is about the recipient or the message; what is wrong with the sender, an operator can mend.
            var final = (int)refused.StatusCode >= 500 && refused.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted;
            throw new UndeliveredException($"the mail server answered {(int)refused.StatusCode} {Shown(refused.Message, content)}", refused) { Final = final };
        }
        catch (AuthenticationException refused)
        {
            throw new UndeliveredException("the mail server refuses Mail:Username with Mail:Password", refused);
        }
        catch (SslHandshakeException refused)
        {
            throw new UndeliveredException("no TLS with the mail server: its certificate is not valid for Mail:Host, or not trusted here, or it speaks no TLS on this port", refused);
        }
        catch (NotSupportedException refused)
        {
            throw new UndeliveredException($"the mail server lacks what is needed (STARTTLS or a way to sign in): {Shown(refused.Message, content)}", refused);
        }
        catch (Exception failed) when (failed is SocketException or IOException or ProtocolException or ServiceNotAuthenticatedException or ServiceNotConnectedException)
        {
            throw new UndeliveredException($"no connection to the mail server: {Shown(failed.Message, content)}", failed);
        }
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
