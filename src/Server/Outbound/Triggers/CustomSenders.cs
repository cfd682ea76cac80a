using System.Net;
using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Server.Outbound.Delivery;
using Poolhouse.Storage;

namespace Poolhouse.Server.Outbound.Triggers;

/// <summary>Functions that word and send a pool's messages themselves. They get the code, sealed.</summary>
public sealed class CustomSenders(TriggerInvoker invoker, SenderKey key, PoolStore pools) : ICarrier
{
    // A function that threw is called again as often as Lambda does it.
    const int MostCalls = 3;

    public string Lane => MessageLane.Function;

    public int AtOnce => 16;

    /// <summary>Whether a function sends what the pool sends by a medium.</summary>
    public static bool Sends(UserPool pool, string medium) => Function(pool, medium) is not null;

    /// <summary>Refuses a message that could not be handed over: without a key or an endpoint a code would be made that nobody gets.</summary>
    public void MustBeReady(Addressee to)
    {
        var (call, subject) = (Call(to.Pool, to.To.Medium, to.Kind.ToString()), TriggerSubject.Of(to.Pool, to.ClientId, to.User));
        if (!key.IsSet) throw invoker.Refuse(call!, subject, FunctionFault.Unreachable, "no key is set to seal the code with (Triggers:SenderKey)");
        invoker.MustReach(call!, subject);
    }

    /// <summary>What the function is told beside the code, from what is known when the message is posted.</summary>
    public static FunctionNotes Notes(Addressee to) => new(to.ClientId, TriggerSubject.Of(to.Pool, to.ClientId, to.User).UserAttributes,
        // Functions for e-mail see the caller's metadata on these occasions only.
        to.To.Medium == "SMS" || to.Kind is MessageKind.SignUp or MessageKind.ForgotPassword or MessageKind.Authentication ? to.Metadata : null);

    /// <summary>Hands a code or temporary password over.</summary>
    public async Task Carry(QueuedMessage message, OutgoingMessage content, CancellationToken cancel)
    {
        var (medium, notes) = (content.To.Medium, content.ForFunction!);
        var pool = await pools.Find(content.Pool, cancel) ?? throw new UndeliveredException("its user pool is gone") { Final = true };
        var call = Call(pool, medium, content.Kind) ?? throw new UndeliveredException("the pool has no function any more that would send it") { Final = true };
        if (!key.IsSet) throw new UndeliveredException("no key is set to seal the code with (Triggers:SenderKey)");
        // What goes into an e-mail of markup must not be markup itself.
        var clear = content.Kind == nameof(MessageKind.AdminCreateUser) ? WebUtility.HtmlEncode(content.Code) : content.Code;
        var request = new SenderRequest(
            medium == "EMAIL" ? "customEmailSenderRequestV1" : "customSMSSenderRequestV1", key.Seal(clear), notes.Metadata, notes.Attributes);
        try
        {
            await invoker.Tell(call, new(pool, notes.ClientId, content.Username, notes.Attributes), request, cancel);
        }
        catch (FunctionException failed)
        {
            // Its own text may name the user.
            throw failed.Fault == FunctionFault.Thrown
                ? new UndeliveredException("the function threw", failed) { Final = message.Tries >= MostCalls }
                : new UndeliveredException($"the function was not reached: {failed.Message}", failed);
        }
    }

    static TriggerCall? Call(UserPool pool, string medium, string kind)
    {
        if (Function(pool, medium) is not { } arn) return null;
        var trigger = medium == "EMAIL" ? "CustomEmailSender" : "CustomSMSSender";
        return new(trigger, $"{trigger}_{kind}", arn);
    }

    static string? Function(UserPool pool, string medium) =>
        (medium == "EMAIL" ? pool.Settings.LambdaConfig?.CustomEmailSender : pool.Settings.LambdaConfig?.CustomSMSSender)?.LambdaArn;
}
