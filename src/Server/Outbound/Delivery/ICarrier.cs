using Poolhouse.Storage;

namespace Poolhouse.Server.Outbound.Delivery;

/// <summary>Takes messages of one lane away: to a mail server, an SMS webhook, a function.</summary>
public interface ICarrier
{
    /// <summary>The lane; one of <see cref="MessageLane"/>.</summary>
    string Lane { get; }

    /// <summary>How many messages it takes at once.</summary>
    int AtOnce { get; }

    /// <summary>Delivers a message: when this returns, somebody else has taken it.</summary>
    /// <param name="message">The message.</param>
    /// <param name="content">What is in it.</param>
    /// <param name="cancel">The server stops.</param>
    /// <exception cref="UndeliveredException">It was not taken.</exception>
    Task Carry(QueuedMessage message, OutgoingMessage content, CancellationToken cancel);
}

/// <summary>A message that was not taken; the text says why, without an address or a code.</summary>
public sealed class UndeliveredException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>Whether it never will be: another try would end the same way.</summary>
    public bool Final { get; init; }
}
