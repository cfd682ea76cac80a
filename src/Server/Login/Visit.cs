using System.Globalization;
using Poolhouse.Core.Clients;
using Poolhouse.Core.Constraints;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.Http;
using Poolhouse.Server.Http.Pages;
using Poolhouse.Server.Login.Parts;
using Poolhouse.Server.SignIn;
using RazorSlices;

namespace Poolhouse.Server.Login;

/// <summary>One request for a hosted page.</summary>
/// <param name="Context">The request itself.</param>
/// <param name="Request">The authorization request that its query carries.</param>
/// <param name="Csrf">The CSRF token of the browser.</param>
/// <param name="State">What the last page left, or null.</param>
/// <param name="Form">The form of a POST, or null.</param>
/// <param name="Forged">Set if the form did not come from a page of ours: nothing in it may be acted upon or shown.</param>
sealed record Visit(HttpContext Context, AuthorizationRequest Request, string Csrf, PageState? State, StrictForm? Form, Fault? Forged)
{
    static readonly IReadOnlyList<Rule> Names = new UsernameAttribute().Rules;
    static readonly IReadOnlyList<Rule> Passwords = new PasswordAttribute().Rules;

    public UserPool Pool => Request.Pool;

    public AppClient Client => Request.Client;

    public CancellationToken Cancel => Context.RequestAborted;

    /// <summary>The sign-in that this visit is part of.</summary>
    public SignInAttempt Attempt => new(Pool, Client, Context.Connection.RemoteIpAddress);

    public string ClientName => Client.Name;

    public string UsernameLabel => Parts.UsernameLabel.For(Pool.UsernameAttributes.Contains("email"), Pool.UsernameAttributes.Contains("phone_number"));

    public Parts.PasswordRules Rules
    {
        get
        {
            var policy = Pool.PasswordPolicy;
            return new(
                policy.MinimumLength ?? 8, policy.RequireUppercase == true, policy.RequireLowercase == true,
                policy.RequireNumbers == true, policy.RequireSymbols == true);
        }
    }

    /// <summary>Whether the user name is asked for first, since it decides on what may follow: a password, or a code in its place.</summary>
    public bool ChoosesFactor => Client.AllowsFlow("USER_AUTH") && Pool.FirstFactors.Any(factor => Factor.Channel(factor) is not null);

    public bool AllowsSignUp => !Pool.OnlyAdminsCreateUsers;

    public bool AllowsRecovery => Pool.RecoveryChannels?.Any(channel => channel.StartsWith("verified_", StringComparison.Ordinal)) ?? true;

    /// <summary>A field of the form; nothing of a forged one.</summary>
    public string? Field(string name) => Forged is null ? Form?[name] : null;

    /// <summary>The user name as it was typed, without the blanks around it.</summary>
    public string? Username => Field("username")?.Trim() is { Length: > 0 } name
        ? Pool.UsernameAttributes.Contains("phone_number") ? Phone(name) : name
        : null;

    /// <summary>The handle of the challenge that this is about: the form's own, or the one that the last page has led to.</summary>
    public string? Session => Form is null ? State?.Session : Field("session");

    /// <summary>What a user of this pool signs in with.</summary>
    public string NameOf(User user) => Pool.UsernameAttributes.Select(user.Attribute).FirstOrDefault(value => !string.IsNullOrEmpty(value)) ?? user.Username;

    /// <summary>A code as it was typed, without blanks: mail programs and people put some in.</summary>
    public string? Code =>
        Field("code") is { } code && string.Concat(code.Where(character => !char.IsWhiteSpace(character))) is { Length: > 0 } typed ? typed : null;

    /// <summary>An attribute of the user as it was typed, or null.</summary>
    public string? Attribute(string name) =>
        Field("attribute." + name)?.Trim() is { Length: > 0 } value ? name == "phone_number" ? Phone(value) : value : null;

    /// <summary>Those of these attributes that were given.</summary>
    public Dictionary<string, string> Attributes(IEnumerable<string> names) => names
        .Select(name => (Name: name, Value: Attribute(name))).Where(given => given.Value is not null)
        .ToDictionary(given => given.Name, given => given.Value!, StringComparer.Ordinal);

    // A phone number as people write it, in the form in which it is stored; anything else as it is.
    static string Phone(string typed) => typed.StartsWith('+')
        ? string.Concat(typed.Where(character => character is not (' ' or '-' or '(' or ')' or '.' or '/')))
        : typed;

    /// <summary>What keeps the form from being acted upon: forged, or one of these fields missing or not of its form.</summary>
    public Fault? FaultOf(params ReadOnlySpan<string> fields)
    {
        if (Forged is not null) return Forged;
        foreach (var name in fields)
            if (FaultOf(name) is { } text) return new(400, new(text, name));
        return null;
    }

    string? FaultOf(string field) => field switch
    {
        "username" when Username is not { } => $"Enter your {UsernameLabel.ToLowerInvariant()}.",
        "username" => Fits(Username!, Names) ? null : $"This cannot be your {UsernameLabel.ToLowerInvariant()}.",
        "code" => Code is not { } code ? "Enter the code." : code.Length <= 64 ? null : LoginErrors.WrongCode,
        "attribute.email" => Attribute("email") is null ? "Enter your email address." : null,
        _ when Field(field) is not { } => "Enter a password.",
        _ => Fits(Field(field)!, Passwords) ? null : "A password has at most 256 characters and no blanks.",
    };

    static bool Fits(string text, IReadOnlyList<Rule> rules) => rules.All(rule => rule.Violated(text) is null);

    /// <summary>Another page, with the same query.</summary>
    public string To(string path) => path + Context.Request.QueryString;

    /// <summary>A form that goes to a page.</summary>
    public FormPost Post(string path, string? session = null) => new(To(path), Csrf, session);

    /// <summary>Answers with a page, which is about a fault or not.</summary>
    public IResult Show(RazorSlice page, Fault? fault = null)
    {
        PageHeaders.Apply(Context.Response, Request.RedirectUri);
        page.StatusCode = fault?.Status ?? 200;
        if (fault?.RetryAfter is { } seconds) Context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return (IResult)page;
    }

    /// <summary>Sends the browser on by GET, whatever it sent here (RFC 9700 §4.12).</summary>
    public IResult SeeOther(string location)
    {
        PageHeaders.Apply(Context.Response);
        Context.Response.Headers.Location = location;
        return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
    }
}
