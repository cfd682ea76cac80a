namespace Poolhouse.Server.Outbound.Triggers;

/// <summary>Where the functions are that pools name as triggers.</summary>
/// <param name="Endpoint">Where a Lambda API answers for every function that Functions does not list, like http://localhost:3001 (SAM local) or http://localhost:4566 (LocalStack).</param>
/// <param name="Functions">Functions and their URLs, name=url separated by commas; a name is an ARN or its last part. A URL with /2015-03-31/functions/ in its path speaks the Lambda protocol, any other gets the event as a JSON POST.</param>
/// <param name="SenderKey">The key (32 bytes in base64), or the path of a file that holds it, under which CustomEmailSender and CustomSMSSender get their codes; without one they are not called.</param>
public sealed record TriggerOptions(string? Endpoint = null, string? Functions = null, string? SenderKey = null);
