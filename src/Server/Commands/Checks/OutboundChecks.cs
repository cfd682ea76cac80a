using System.Net;
using System.Net.Sockets;
using Poolhouse.Server.Outbound;
using Poolhouse.Server.Outbound.Delivery;
using Poolhouse.Server.Outbound.Triggers;

namespace Poolhouse.Server.Commands.Checks;

/// <summary>Those whom the server calls: the mail server is spoken to and sent nothing; of URLs it is only said whether they may be called.</summary>
static class OutboundChecks
{
    const int MostReason = 200;

    public static async Task<List<Finding>> Run(Settings settings, CancellationToken cancel)
    {
        EgressRules rules;
        try
        {
            rules = new EgressRules(settings.Outbound, loopback: false).OfOperator();
        }
        catch (FormatException)
        {
            return [Finding.Fail("outbound", "Outbound:AllowPrivate must list networks, like 10.1.0.0/16, fd00:1::/64.")];
        }
        return [await Mail(settings.Mail, cancel), await Sms(settings.Sms, rules, cancel), .. await Triggers(settings.Triggers, rules, cancel)];
    }

    static async Task<Finding> Mail(MailOptions options, CancellationToken cancel)
    {
        if (options.Host is null) return Finding.Ok("mail", "not set up (Mail:Host): no e-mail is sent");
        try
        {
            var read = MailSettings.Read(options);
            await new MailServer(read).Use((smtp, ended) => smtp.NoOpAsync(ended), Short, cancel);
            return Finding.Ok("mail", $"{read.Host}:{read.Port} takes {(read.SignIn is null ? "connections" : "the sign-in")}; nothing was sent");
        }
        catch (Exception wrong) when (wrong is FormatException or UndeliveredException)
        {
            return Finding.Fail("mail", $"{options.Host}: {wrong.Message}");
        }
    }

    static async Task<Finding> Sms(SmsOptions options, EgressRules rules, CancellationToken cancel)
    {
        if (options.Url is null) return Finding.Ok("sms", "not set up (Sms:Url): no SMS is sent");
        if (!rules.TryRead(options.Url, out var url))
            return Finding.Fail("sms", "Sms:Url must be an https URL; http, or an address that is not public, needs its network in Outbound:AllowPrivate.");
        return await Called("sms", url, rules, cancel);
    }

    static async Task<List<Finding>> Triggers(TriggerOptions options, EgressRules rules, CancellationToken cancel)
    {
        try
        {
            _ = new SenderKey(options.SenderKey);
            var found = new List<Finding>();
            foreach (var url in new FunctionRoutes(options, rules).Urls.DistinctBy(url => url.Authority)) found.Add(await Called("triggers", url, rules, cancel));
            return found.Count > 0 ? found : [Finding.Ok("triggers", "not set up (Triggers:Functions): pools can call no function")];
        }
        catch (FormatException wrong)
        {
            return [Finding.Fail("triggers", wrong.Message)];
        }
    }

    // The path can hold a secret; the host cannot.
    static async Task<Finding> Called(string about, Uri url, EgressRules rules, CancellationToken cancel)
    {
        var shown = url.GetLeftPart(UriPartial.Authority);
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(url.IdnHost, cancel);
            return Array.Exists(addresses, address => rules.Allows(address, url.Scheme == "http")) ? Finding.Ok(about, $"{shown} may be called")
                : Finding.Fail(about, $"{shown} is {string.Join(", ", addresses.Select(address => address.ToString()))}, which may not be called. If it is yours, list its network in Outbound:AllowPrivate.");
        }
        catch (SocketException)
        {
            return Finding.Fail(about, $"{shown}: the name does not resolve.");
        }
    }

    static string Short(string said) => said.ReplaceLineEndings(" ") is var line && line.Length <= MostReason ? line : line[..MostReason] + "…";
}
