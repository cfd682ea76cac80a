namespace Poolhouse.Server.Login.Parts;

/// <summary>By which way a code went out (EMAIL or SMS, as on the wire) and to which masked destination.</summary>
public sealed record CodeDelivery(string Medium, string Destination)
{
    public string Sentence => Medium == "SMS" ? "We sent a text message with a code to" : "We sent an email with a code to";
}
