using System.Net;
using MailKit.Security;
using MimeKit;

namespace Poolhouse.Server.Outbound.Delivery;

/// <summary>The mail server that e-mail goes to.</summary>
/// <param name="Host">The name of the mail server (SMTP submission, RFC 6409); unset, no e-mail is sent.</param>
/// <param name="Port">Its port; unset, 587, or 465 with Security Tls.</param>
/// <param name="Security">StartTls demands STARTTLS (RFC 3207), Tls speaks TLS from the first byte (RFC 8314), None sends in clear and takes no Username but on this machine.</param>
/// <param name="Username">The name to sign in with; unset, nobody signs in.</param>
/// <param name="Password">Its password, or the path of a file that holds it.</param>
/// <param name="From">The sender, like Poolhouse &lt;no-reply@example.com&gt;; a pool whose EmailConfiguration says DEVELOPER and has a From uses that.</param>
/// <param name="Connections">How many messages are on their way at once.</param>
public sealed record MailOptions(
    string? Host = null, int? Port = null, string Security = "StartTls", string? Username = null, string? Password = null, string? From = null, int Connections = 4);

/// <summary>The settings of the mail server as they are used.</summary>
/// <param name="Host">Its name.</param>
/// <param name="Port">Its port.</param>
/// <param name="Security">How the connection is protected.</param>
/// <param name="SignIn">The name and password, or null.</param>
/// <param name="From">The sender.</param>
/// <param name="AtOnce">How many messages are on their way at once.</param>
sealed record MailSettings(string Host, int Port, SecureSocketOptions Security, NetworkCredential? SignIn, MailboxAddress From, int AtOnce)
{
    /// <summary>Reads what was configured.</summary>
    /// <exception cref="FormatException">It cannot be used.</exception>
    public static MailSettings Read(MailOptions options)
    {
        var security = options.Security.ToUpperInvariant() switch
        {
            "STARTTLS" => SecureSocketOptions.StartTls,
            "TLS" => SecureSocketOptions.SslOnConnect,
            "NONE" => SecureSocketOptions.None,
            _ => throw new FormatException("Mail:Security must be StartTls, Tls or None."),
        };
        var port = options.Port ?? (security == SecureSocketOptions.SslOnConnect ? 465 : 587);
        if (port is < 1 or > 65535) throw new FormatException("Mail:Port must be a port number.");
        if (options.Connections is < 1 or > 100) throw new FormatException("Mail:Connections must be between 1 and 100.");
        if (Mailbox(options.From) is not { } from)
            throw new FormatException("Mail:From must be the sender of e-mail, like Poolhouse <no-reply@example.com>.");
        return new(options.Host!, port, security, Credentials(options, security), from, options.Connections);
    }

    /// <summary>One address with a domain, and a name before it if there is one; null for anything else.</summary>
    public static MailboxAddress? Mailbox(string? text) =>
        text is not null && MailboxAddress.TryParse(text, out var read) && read.Domain.Length > 0 ? read : null;

    static NetworkCredential? Credentials(MailOptions options, SecureSocketOptions security)
    {
        var password = SecretSetting.Read(options.Password);
        if (options.Username is null && password is null) return null;
        if (options.Username is null || password is null) throw new FormatException("Mail:Username and Mail:Password belong together.");
        if (security == SecureSocketOptions.None && !IsThisMachine(options.Host!))
            throw new FormatException("Mail:Security None would send the password in clear; use StartTls or Tls.");
        return new(options.Username, password);
    }

    static bool IsThisMachine(string host) => host == "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
