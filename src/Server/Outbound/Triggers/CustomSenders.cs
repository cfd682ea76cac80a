using System.Collections.Concurrent;
using System.Net;
using Poolhouse.Core;
using Poolhouse.Core.Pools;

namespace Poolhouse.Server.Outbound.Triggers;

/// <summary>Functions that send a pool's messages themselves. They get the code, sealed, and are called after the commit; nobody waits for them.</summary>
public sealed class CustomSenders(TriggerInvoker invoker, SenderKey key) : IAsyncDisposable
{
    // How long a stopping server waits for what is on its way.
    static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

    readonly ConcurrentDictionary<Task, bool> underway = [];

    /// <summary>Whether a function sends what the pool sends by a medium.</summary>
    public static bool Sends(UserPool pool, string medium) => Function(pool, medium) is not null;

    /// <summary>Refuses a message that could not be handed over: without a key or an endpoint a code would be made that nobody gets.</summary>
    public void MustBeReady(Addressee to)
    {
        var (call, subject) = (Call(to), Subject(to));
        if (!key.IsSet) throw invoker.Refuse(call, subject, FunctionFault.Unreachable, "no key is set to seal the code with (Triggers:SenderKey)");
        invoker.MustReach(call, subject);
    }

    /// <summary>Hands a code or temporary password over.</summary>
    public void Send(Addressee to, string code)
    {
        // What goes into an e-mail of markup must not be markup itself.
        var clear = to.Kind == MessageKind.AdminCreateUser ? WebUtility.HtmlEncode(code) : code;
        var email = to.To.Medium == "EMAIL";
        var request = new SenderRequest(
            email ? "customEmailSenderRequestV1" : "customSMSSenderRequestV1", key.Seal(clear), Metadata(to, email), Subject(to).UserAttributes);
        var sending = Task.Run(() => invoker.Tell(Call(to), Subject(to), request, CancellationToken.None));
        underway.TryAdd(sending, true);
        _ = sending.ContinueWith(done => underway.TryRemove(done, out _), TaskScheduler.Default);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Task.WhenAll(underway.Keys).WaitAsync(Farewell);
        }
        catch (TimeoutException)
        {
            // Each is logged when it ends; the server does not wait for them.
        }
    }

    // Functions for e-mail see the caller's metadata on these occasions only.
    static IReadOnlyDictionary<string, string>? Metadata(Addressee to, bool email) =>
        !email || to.Kind is MessageKind.SignUp or MessageKind.ForgotPassword ? to.Metadata : null;

    static TriggerSubject Subject(Addressee to) => TriggerSubject.Of(to.Pool, to.ClientId, to.User);

    static TriggerCall Call(Addressee to)
    {
        var trigger = to.To.Medium == "EMAIL" ? "CustomEmailSender" : "CustomSMSSender";
        return new(trigger, $"{trigger}_{to.Kind}", Function(to.Pool, to.To.Medium)!);
    }

    static string? Function(UserPool pool, string medium) =>
        (medium == "EMAIL" ? pool.Settings.LambdaConfig?.CustomEmailSender : pool.Settings.LambdaConfig?.CustomSMSSender)?.LambdaArn;
}
