using Poolhouse.Server.Http;

namespace Poolhouse.Server.OAuth;

/// <summary>The body of an OAuth request, whose faults are invalid_request.</summary>
sealed class OAuthForm(StrictForm form)
{
    /// <summary>A parameter, or null if it is absent or empty.</summary>
    public string? this[string name] => form[name];

    /// <summary>A parameter that must be there.</summary>
    public string Required(string name) => form[name] ?? throw OAuthException.InvalidRequest($"The parameter {name} is missing.");

    public static async Task<OAuthForm> Read(HttpRequest request, CancellationToken cancel)
    {
        try
        {
            return new(await StrictForm.Read(request, cancel));
        }
        catch (StrictFormException fault)
        {
            throw new OAuthException("invalid_request", fault.Message, fault.Status);
        }
    }
}
