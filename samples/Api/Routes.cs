using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Poolhouse.Guard.AspNetCore;

namespace Poolhouse.Samples.Api;

/// <summary>What the routes do; who may call them stands in Program.cs.</summary>
static class Routes
{
    /// <summary>What this API has seen of the caller's token: proof for the page that tokens are renewed, also where it holds none.</summary>
    public static IResult Me(HttpContext context)
    {
        var seen = context.GetGuardResult()!.Value;
        var token = seen.Token!;
        return TypedResults.Ok(new Caller(token.Username, [.. token.Groups], [.. token.Scopes], token.ClientId,
            token.Claims.GetProperty("iat").GetInt64(), token.ExpiresAt.ToUnixTimeSeconds(), (long?)seen.Lag?.TotalMilliseconds));
    }

    public static IResult Lanes(Bookings bookings, ClaimsPrincipal user, string? day) => TypedResults.Ok(bookings.View(day, Subject(user)));

    public static IResult Book(Bookings bookings, ClaimsPrincipal user, int lane, string day, int hour) =>
        bookings.Find(lane, day, hour) is not { } slot ? TypedResults.NotFound()
        : bookings.Book(slot, Subject(user)) ? TypedResults.NoContent()
        : TypedResults.Conflict(new Problem("Somebody was faster, or the lane is closed."));

    public static IResult Release(Bookings bookings, ClaimsPrincipal user, int lane, string day, int hour) =>
        bookings.Find(lane, day, hour) is not { } slot ? TypedResults.NotFound()
        : bookings.Release(slot, Subject(user)) ? TypedResults.NoContent()
        : TypedResults.Conflict(new Problem("This hour is not yours."));

    public static IResult Close(Bookings bookings, int lane) => bookings.Close(lane) ? TypedResults.NoContent() : TypedResults.NotFound();

    public static IResult Open(Bookings bookings, int lane) => bookings.Open(lane) ? TypedResults.NoContent() : TypedResults.NotFound();

    /// <summary>Ends every session of the caller, on all devices: this API does it in the caller's name, so that a page without tokens can ask for it too.</summary>
    public static async Task<IResult> SignOutEverywhere(HttpContext context, Pool pool, CancellationToken cancel) =>
        await pool.SignOutEverywhere(await context.GetTokenAsync(CognitoGuardExtensions.DefaultScheme, "access_token"), cancel)
            ? TypedResults.NoContent() : TypedResults.StatusCode(StatusCodes.Status503ServiceUnavailable);

    static string Subject(ClaimsPrincipal user) => user.FindFirstValue("sub")!;
}

/// <summary>The caller, as the guard has read it from the token; <c>ProvenAgo</c> is how old the proof is that no revocation was missed, in milliseconds.</summary>
sealed record Caller(string? Name, string[] Groups, string[] Scopes, string Client, long IssuedAt, long ExpiresAt, long? ProvenAgo);

/// <summary>Why not, in words.</summary>
sealed record Problem(string Why);
