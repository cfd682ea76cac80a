// The API of the lido: lanes to book by the hour, behind the guard. Every call brings an access token, and one whose session was revoked
// is refused, though nobody is asked.
using Poolhouse.Guard.AspNetCore;
using Poolhouse.Samples.Api;

var builder = WebApplication.CreateBuilder(args);
var settings = builder.Configuration.Get<ApiSettings>() ?? new();

builder.Services.AddAuthentication().AddCognitoGuard(options =>
{
    options.Issuer = settings.Issuer;
    options.ClientIds = [settings.PageClientId, settings.BffClientId];
    // In production also GuardClientId and GuardClientSecret: only `poolhouse dev` lets everybody read the revocation feed.
});
builder.Services.AddAuthorization();
builder.Services.AddSingleton(TimeProvider.System).AddSingleton<Bookings>().AddSingleton(new Pool(settings.Issuer));

var app = builder.Build();

// In this order: the page must not need a token to be loaded, and everything below /api does.
if (settings.Web is not null) Page.Serve(app, settings);

var api = app.MapGroup("/api");
api.MapGet("/me", Routes.Me).RequireAuthorization();
api.MapGet("/lanes", Routes.Lanes).RequireScope("lanes/read");
api.MapPut("/lanes/{lane:int}/{day}/{hour:int}", Routes.Book).RequireScope("lanes/book");
api.MapDelete("/lanes/{lane:int}/{day}/{hour:int}", Routes.Release).RequireScope("lanes/book");
api.MapPut("/lanes/{lane:int}/closed", Routes.Close).RequireGroup("staff");
api.MapDelete("/lanes/{lane:int}/closed", Routes.Open).RequireGroup("staff");
api.MapPost("/sign-out-everywhere", Routes.SignOutEverywhere).RequireScope("aws.cognito.signin.user.admin");

app.Run();
