using Poolhouse.Core;
using Poolhouse.Core.Users;
using Poolhouse.Server.Http;
using Poolhouse.Server.Login.Parts;
using Poolhouse.Server.SignIn;

namespace Poolhouse.Server.Login.Registration;

/// <summary>/signup: a new account, with what the pool requires and what it sends codes to.</summary>
static class SignUpEndpoint
{
    public static async Task<IResult> Show(HttpContext context, Visits visits) => Page(Allowed(await visits.Open(context)));

    public static async Task<IResult> Submit(HttpContext context, Visits visits, SignUp signUp, NextStep next, Arrival arrival)
    {
        var visit = Allowed(await visits.Posted(context));
        if (visit.FaultOf("username", "password") is { } fault) return Page(visit, fault);
        try
        {
            var attributes = visit.Attributes(Asked(visit).Select(field => field.Name));
            var made = await signUp.Start(visit.Pool, visit.Client, new(visit.Username!, visit.Field("password")!, attributes), visit.Cancel);
            if (made.User.Status == UserStatus.Confirmed)
                return await arrival.Go(visit, await next.AfterFirstFactor(visit.Attempt, made.User, new(visit.Username!) { PasswordProven = true }, visit.Cancel));
            // A pool that verifies nothing leaves the confirming to its administrator.
            return visits.Next(visit, "/confirm", new(
                visit.Pool.Id, visit.Client.Id, visit.Username!, null, made.CodeSentTo?.Medium ?? "NONE", made.CodeSentTo?.Masked, made.User.Sub));
        }
        catch (RefusedException refused)
        {
            return Page(visit, LoginErrors.Of(refused));
        }
    }

    static Visit Allowed(Visit visit) =>
        visit.AllowsSignUp ? visit : throw new PageException(403, "Sign-up is closed", "New accounts for this app are made by an administrator.");

    static IResult Page(Visit visit, Fault? fault = null) => visit.Show(SignUpPage.Create(new(
        visit.ClientName, visit.Post("/signup"), visit.UsernameLabel, visit.Rules,
        [.. Asked(visit).Select(field => AttributeField.For(field.Name, field.Required, visit.Attribute(field.Name), fault?.Problem))],
        visit.Username, fault?.Problem, visit.To("/login"))), fault);

    // What the pool requires, and what it would send the code to: without any of it nobody could ever confirm the account.
    static IEnumerable<(string Name, bool Required)> Asked(Visit visit)
    {
        var pool = visit.Pool;
        var required = AttributeRules.Required(pool).ToList();
        var verified = pool.AutoVerifiedAttributes;
        return required.Concat(verified).Distinct().Where(name => !pool.UsernameAttributes.Contains(name) || pool.UsernameAttributes.Count > 1)
            .Where(visit.Client.CanWrite)
            .Select(name => (name, !pool.UsernameAttributes.Contains(name) && (required.Contains(name) || (verified is [var only] && only == name))));
    }
}
