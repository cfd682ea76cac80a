using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;

namespace Poolhouse.Server.Outbound.Delivery;

/// <summary>A conversation with the mail server: connected, protected and signed in as the settings say, or a reason in words.</summary>
sealed class MailServer(MailSettings settings)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Does something with the mail server.</summary>
    /// <param name="work">What is done.</param>
    /// <param name="shown">Makes what the server says fit for a log.</param>
    /// <param name="cancel">Ends it early.</param>
    /// <exception cref="UndeliveredException">It failed.</exception>
    public async Task Use(Func<SmtpClient, CancellationToken, Task> work, Func<string, string> shown, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            // Revocation lists of certificates would be fetched by plain HTTP from wherever the certificate says.
            using var smtp = new SmtpClient { CheckCertificateRevocation = false };
            await smtp.ConnectAsync(settings.Host, settings.Port, settings.Security, patience.Token);
            if (settings.SignIn is { } signIn) await smtp.AuthenticateAsync(signIn, patience.Token);
            await work(smtp, patience.Token);
            // The work is done: a goodbye that is not answered changes nothing.
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
            throw new UndeliveredException($"the mail server answered {(int)refused.StatusCode} {shown(refused.Message)}", refused) { Final = final };
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
            throw new UndeliveredException($"the mail server lacks what is needed (STARTTLS or a way to sign in): {shown(refused.Message)}", refused);
        }
        catch (Exception failed) when (failed is SocketException or IOException or ProtocolException or ServiceNotAuthenticatedException or ServiceNotConnectedException)
        {
            throw new UndeliveredException($"no connection to the mail server: {shown(failed.Message)}", failed);
        }
    }
}
