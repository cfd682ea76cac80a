using System.Globalization;
using System.Security.Cryptography;
using Poolhouse.Core;
using Poolhouse.Core.Keys;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;

namespace Poolhouse.Server.SignIn;

/// <summary>
/// Somebody who does not exist, where that must not show (security.md C4). All that is made up comes from the name as it was
/// typed, by a key: the same every time, and of the kind that the pool's real users have.
/// </summary>
public sealed class Nobody(MasterKey master)
{
    // No sub has this form.
    const string Prefix = "nobody/";

    /// <summary>What stands in the database in place of a user's sub.</summary>
    public string Sub(UserPool pool, string typed) => Prefix + Convert.ToHexStringLower(Seed("nobody", pool, typed));

    /// <summary>Whether a sub is nobody's.</summary>
    public static bool Has(string sub) => sub.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The user name: users of e-mail and phone pools have UUIDs for names, and so has somebody who is found by an alias.</summary>
    public string Username(UserPool pool, string typed)
    {
        if (!IsFoundByAddress(pool, typed)) return pool.CaseSensitive ? typed : Folding.Fold(typed);
        return Ids.Uuid(Seed("srp-nobody-name", pool, typed).AsSpan(0, 16));
    }

    /// <summary>Whether the answer to a challenge names the same somebody: as the challenge does, or as a user could be found.</summary>
    public bool IsCalled(UserPool pool, string typed, string name)
    {
        var caseSensitive = pool.CaseSensitive && !IsFoundByAddress(pool, typed);
        return name == Username(pool, typed) || Folding.UsernameKey(name, caseSensitive) == Folding.UsernameKey(typed, caseSensitive);
    }

    /// <summary>An SRP verifier. It is not computed from a password, so nobody can know one that fits it.</summary>
    public (byte[] Salt, byte[] Verifier) Verifier(UserPool pool, string name)
    {
        var unknown = HKDF.Expand(HashAlgorithmName.SHA256, Seed("srp-nobody", pool, name), 384);
        return (Seed("srp-nobody-salt", pool, name)[..16], (Srp.Number(unknown) % Srp.N).ToByteArray(isUnsigned: true, isBigEndian: true));
    }

    /// <summary>Where a code seems to go: to the attribute that is asked for, or else to the one that the pool would choose.</summary>
    public Destination Destination(UserPool pool, string typed, string? attribute = null)
    {
        if (attribute is null && (Aliases.IsEmail(typed) || Aliases.IsPhone(typed))) attribute = Aliases.IsEmail(typed) ? "email" : "phone_number";
        var phone = attribute is not null ? attribute == "phone_number" : pool.RecoveryChannels is { Count: > 0 } channels
            ? channels[0] == "verified_phone_number"
            : !pool.AutoVerifiedAttributes.Contains("email") && pool.AutoVerifiedAttributes.Contains("phone_number");
        var seed = Seed("pretended-destination", pool, typed);
        char Letter(int index) => (char)('a' + seed[index] % 26);
        return phone
            ? new("phone_number", Aliases.IsPhone(typed) ? typed : string.Create(CultureInfo.InvariantCulture, $"+{BitConverter.ToUInt32(seed) % 10_000:D4}"))
            : new("email", Aliases.IsEmail(typed) ? typed : $"{Letter(0)}@{Letter(1)}");
    }

    /// <summary>Whether there is an address or number: certainly where the name is one, or where every user of the pool has one.</summary>
    public bool Reaches(UserPool pool, string typed, string channel) =>
        (channel == "email" ? Aliases.IsEmail(typed) : Aliases.IsPhone(typed))
        || AttributeRules.Required(pool).Contains(channel)
        || (pool.UsernameAttributes is [var name] && name == channel)
        || (pool.AutoVerifiedAttributes is [var proven] && proven == channel)
        || Seems(pool, typed, channel);

    /// <summary>
    /// Whether something is so that the pool leaves to its users. Names differ in it as users do: if it were the same for
    /// all names, every user who differs would show.
    /// </summary>
    public bool Seems(UserPool pool, string typed, string what) => Seed($"nobody-{what}", pool, typed)[0] % 2 == 0;

    static bool IsFoundByAddress(UserPool pool, string typed) => pool.UsernameAttributes.Count > 0
        || (pool.AliasAttributes.Contains("email") && Aliases.IsEmail(typed)) || (pool.AliasAttributes.Contains("phone_number") && Aliases.IsPhone(typed));

    byte[] Seed(string purpose, UserPool pool, string typed) => master.Hash(purpose, $"{pool.Id}/{Folding.Fold(typed)}");
}
