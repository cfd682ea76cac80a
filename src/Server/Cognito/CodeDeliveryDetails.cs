using Poolhouse.Core.Users;

namespace Poolhouse.Server.Cognito;

/// <summary>Where a code went, as far as the caller may know.</summary>
public sealed record CodeDeliveryDetails(string Destination, string DeliveryMedium, string AttributeName)
{
    /// <summary>The details of a destination, masked.</summary>
    public static CodeDeliveryDetails Of(Destination to) => new(to.Masked, to.Medium, to.Attribute);
}

/// <summary>The reply of operations that do nothing but send a code.</summary>
public sealed record CodeSent(CodeDeliveryDetails CodeDeliveryDetails);
