namespace Poolhouse.Core.Constraints;

/// <summary>A pool id: region, underscore, letters and digits.</summary>
public sealed class PoolIdAttribute() : FormatAttribute(1, 55, @"[\w-]+_[0-9a-zA-Z]+");

/// <summary>An app client id.</summary>
public sealed class ClientIdAttribute() : FormatAttribute(1, 128, @"[\w+]+", sensitive: true);

/// <summary>An app client secret, brought along at creation or presented at sign-in.</summary>
public sealed class ClientSecretAttribute() : FormatAttribute(24, 64, @"[\w+]+", sensitive: true);

/// <summary>A SECRET_HASH.</summary>
public sealed class SecretHashAttribute() : FormatAttribute(1, 128, @"[\w+=/]+", sensitive: true);

/// <summary>A user name or alias.</summary>
public sealed class UsernameAttribute() : FormatAttribute(1, 128, @"[\p{L}\p{M}\p{S}\p{N}\p{P}]+", sensitive: true);

/// <summary>A group name.</summary>
public sealed class GroupNameAttribute() : FormatAttribute(1, 128, @"[\p{L}\p{M}\p{S}\p{N}\p{P}]+");

/// <summary>The name of a user's attribute.</summary>
public sealed class AttributeNameAttribute() : FormatAttribute(1, 32, @"[\p{L}\p{M}\p{S}\p{N}\p{P}\t\n\r ]+");

/// <summary>A password, the user's own or a temporary one.</summary>
public sealed class PasswordAttribute() : FormatAttribute(0, 256, @"[\S]+", sensitive: true);

/// <summary>An access, ID or refresh token.</summary>
public sealed class TokenTextAttribute() : FormatAttribute(0, int.MaxValue, @"[A-Za-z0-9-_=.]+", sensitive: true);

/// <summary>The Session string between two steps of a sign-in.</summary>
public sealed class SessionTextAttribute() : FormatAttribute(20, 2048, null, sensitive: true);

/// <summary>The key of a remembered device.</summary>
public sealed class DeviceKeyAttribute() : FormatAttribute(1, 55, @"[\w-]+_[0-9a-f-]+");

/// <summary>A confirmation code.</summary>
public sealed class ConfirmationCodeAttribute() : FormatAttribute(1, 2048, @"[\S]+");

/// <summary>The name of a pool, an app client or a resource server's label.</summary>
public sealed class DisplayNameAttribute(int max = 128) : FormatAttribute(1, max, @"[\w\s+=,.@-]+");

/// <summary>An Amazon resource name.</summary>
public sealed class ArnAttribute() : FormatAttribute(20, 2048,
    @"arn:[\w+=/,.@-]+:[\w+=/,.@-]+:([\w+=/,.@-]*)?:[0-9]+:[\w+=/,.@-]+(:[\w+=/,.@-]+)?(:[\w+=/,.@-]+)?");

/// <summary>A page token of the operations whose tokens have no upper bound.</summary>
public sealed class PageTokenAttribute() : FormatAttribute(1, int.MaxValue, @"[\S]+");

/// <summary>A page token of the operations whose tokens are bounded.</summary>
public sealed class BoundedPageTokenAttribute() : FormatAttribute(1, 131072, @"[\S]+");

/// <summary>Free text of the model's general string type.</summary>
public sealed class TextAttribute() : LengthAttribute(0, 131072);

/// <summary>A redirect or sign-out URL.</summary>
public sealed class RedirectUrlAttribute() : FormatAttribute(1, 1024, @"[\p{L}\p{M}\p{S}\p{N}\p{P}]+");

/// <summary>A domain prefix or custom domain.</summary>
public sealed class DomainNameAttribute() : FormatAttribute(1, 63, @"^[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?$");

/// <summary>A resource server's identifier, or a full scope name.</summary>
public sealed class ScopeTextAttribute() : FormatAttribute(1, 256, @"[\x21\x23-\x5B\x5D-\x7E]+");
