namespace Poolhouse.Samples.Api;

/// <summary>What the command line or the environment may set.</summary>
/// <param name="Issuer">The pool, as it stands in <c>iss</c>.</param>
/// <param name="PageClientId">The public client: tokens in the page.</param>
/// <param name="BffClientId">The confidential client: the same page behind the Bff.</param>
/// <param name="Web">The folder of the page, where this program serves that too.</param>
/// <param name="SessionSeconds">How long a refresh token of the public client lives, for the page to count down.</param>
sealed record ApiSettings(
    string Issuer = "http://localhost:5281/us-east-1_SwimLanes", string PageClientId = "swimlanespageclient0000001", string BffClientId = "swimlanesbffclient00000001",
    string? Web = null, int SessionSeconds = 2_592_000);
