using Microsoft.Extensions.Time.Testing;
using Poolhouse.Core;
using Poolhouse.Core.Pools;
using Poolhouse.Core.Users;
using Poolhouse.Server.SignIn;
using Poolhouse.Server.Tests.Actors;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class UserCreationTests
{
    static readonly DateTimeOffset Noon = new(2026, 11, 23, 12, 0, 0, 290, TimeSpan.Zero);

    [Fact]
    public async Task A_created_user_comes_back_with_sub_and_attributes_and_must_choose_a_password()
    {
        await using var pool = await PoolAdmin.Start(clock: new FakeTimeProvider(Noon));
        var user = (await pool.Call("AdminCreateUser", PoolAdmin.Change("ana", "email=ana@example.com", "email_verified=True")))["User"]!;

        Assert.Equal("ana", (string)user["Username"]!);
        Assert.Equal("FORCE_CHANGE_PASSWORD", (string)user["UserStatus"]!);
        Assert.True((bool)user["Enabled"]!);
        Assert.Equal(1795435200.29, (double)user["UserCreateDate"]!);
        Assert.Equal(1795435200.29, (double)user["UserLastModifiedDate"]!);
        Assert.Equal(["sub", "email", "email_verified"], App.Attributes(user, "Attributes").Keys);
        Assert.Equal("true", App.Attributes(user, "Attributes")["email_verified"]);
        Assert.Equal(["Username", "Attributes", "UserCreateDate", "UserLastModifiedDate", "Enabled", "UserStatus"], user.AsObject().Select(member => member.Key));
    }

    [Fact]
    public async Task Without_any_address_a_user_is_made_and_nobody_is_told()
    {
        await using var pool = await PoolAdmin.Start();
        await pool.Call("AdminCreateUser", "\"Username\": \"ana\"");
        Assert.Equal(["sub"], (await pool.AttributesOf("ana")).Keys);
        Assert.Empty(await pool.Inbox());
    }

    [Theory]
    [InlineData("", "+15550100")]
    [InlineData(""", "DesiredDeliveryMediums": ["EMAIL"]""", "ana@example.com")]
    [InlineData(""", "DesiredDeliveryMediums": ["SMS", "EMAIL", "SMS"]""", "+15550100 ana@example.com")]
    [InlineData(""", "MessageAction": "SUPPRESS" """, "")]
    public async Task An_invitation_goes_by_SMS_or_where_it_was_asked_to_go(string asked, string addresses)
    {
        await using var pool = await PoolAdmin.Start();
        await pool.Call("AdminCreateUser", PoolAdmin.Change("ana", "email=ana@example.com", "phone_number=+15550100") + asked);
        Assert.Equal(addresses, string.Join(' ', (await pool.Inbox()).Select(message => message.To.Address).Order()));
    }

    [Fact]
    public async Task A_medium_that_is_asked_for_and_impossible_is_refused_and_no_user_is_made()
    {
        await using var pool = await PoolAdmin.Start();
        var refused = await pool.Refused("AdminCreateUser", """ "Username": "ana", "DesiredDeliveryMediums": ["EMAIL"] """);
        Assert.Equal(("InvalidParameterException", "The user has no email, which the delivery medium EMAIL needs."), refused);
        Assert.Equal("UserNotFoundException", (await pool.Refused("AdminGetUser", "\"Username\": \"ana\"")).Type);
    }

    [Fact]
    public async Task The_generated_password_in_the_invitation_signs_in_once_it_is_changed()
    {
        await using var pool = await PoolAdmin.Start(""" "Policies": {"PasswordPolicy": {"MinimumLength": 40, "RequireSymbols": true}} """);
        await pool.Call("AdminCreateUser", PoolAdmin.Change("ana", "phone_number=+15550100"));
        var message = Assert.Single(await pool.Inbox());
        Assert.Equal($"Your username is ana and temporary password is {message.Code}.", message.Text!.Body);
        Assert.Equal(40, message.Code!.Length);
        Assert.Equal("NEW_PASSWORD_REQUIRED", Assert.IsType<SignInStep.Asked>(await pool.SignIn("ana", message.Code)).Challenge);
    }

    [Fact]
    public async Task A_temporary_password_ends_after_its_days_and_RESEND_begins_them_anew()
    {
        var clock = new FakeTimeProvider(Noon);
        await using var pool = await PoolAdmin.Start(clock: clock);
        await pool.Call("AdminCreateUser", PoolAdmin.Change("ana", "phone_number=+15550100") + """, "TemporaryPassword": "Passw0rd-1" """);
        // Advancing would fire every poll of seven days.
        clock.AdjustTime(Noon.AddDays(7));
        var late = await Assert.ThrowsAsync<RefusedException>(() => pool.SignIn("ana"));
        Assert.Equal(Refusal.TemporaryPasswordExpired, late.Reason);

        var user = (await pool.Call("AdminCreateUser", """ "Username": "ana", "MessageAction": "RESEND" """))["User"]!;
        Assert.Equal("FORCE_CHANGE_PASSWORD", (string)user["UserStatus"]!);
        Assert.Equal(clock.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0, (double)user["UserLastModifiedDate"]!);
        var code = (await pool.Inbox())[0].Code!;
        Assert.NotEqual("Passw0rd-1", code);
        Assert.Equal("NEW_PASSWORD_REQUIRED", Assert.IsType<SignInStep.Asked>(await pool.SignIn("ana", code)).Challenge);
        Assert.Equal(Refusal.WrongPassword, (await Assert.ThrowsAsync<RefusedException>(() => pool.SignIn("ana"))).Reason);
    }

    [Fact]
    public async Task RESEND_needs_a_user_an_address_and_a_password_that_is_still_temporary()
    {
        await using var pool = await PoolAdmin.Start();
        const string Resend = """ "Username": "ana", "MessageAction": "RESEND" """;
        Assert.Equal(("UserNotFoundException", "User does not exist."), await pool.Refused("AdminCreateUser", Resend));
        await pool.Call("AdminCreateUser", "\"Username\": \"ana\"");
        Assert.Equal("InvalidParameterException", (await pool.Refused("AdminCreateUser", Resend)).Type);
        await pool.Confirmed("bo", App.List("phone_number=+15550100"));
        Assert.Equal(("UnsupportedUserStateException", "Resend not possible. bo status is not FORCE_CHANGE_PASSWORD"),
            await pool.Refused("AdminCreateUser", Resend.Replace("ana", "bo", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_taken_name_is_refused_in_the_words_of_the_service()
    {
        await using var names = await PoolAdmin.Start(""" "UsernameConfiguration": {"CaseSensitive": false} """);
        await names.Call("AdminCreateUser", "\"Username\": \"ana\"");
        Assert.Equal(("UsernameExistsException", "User account already exists"), await names.Refused("AdminCreateUser", "\"Username\": \"ANA\""));

        await using var mails = await PoolAdmin.Start(""" "UsernameAttributes": ["email"] """);
        const string Ana = """ "Username": "ana@example.com", "MessageAction": "SUPPRESS" """;
        await mails.Call("AdminCreateUser", Ana);
        Assert.Equal(("UsernameExistsException", "An account with the given email already exists."), await mails.Refused("AdminCreateUser", Ana));
        Assert.Equal(("InvalidParameterException", "Username should be an email."), await mails.Refused("AdminCreateUser", "\"Username\": \"ana\""));
    }

    [Fact]
    public async Task In_a_pool_of_addresses_the_user_name_is_the_sub_and_the_address_finds_the_user()
    {
        await using var pool = await PoolAdmin.Start(""" "UsernameAttributes": ["email"] """);
        var sub = await pool.Confirmed("Ana@Example.com");
        var user = await pool.Call("AdminGetUser", "\"Username\": \"ana@example.com\"");
        Assert.Equal(sub, (string)user["Username"]!);
        Assert.Equal("Ana@Example.com", App.Attributes(user, "UserAttributes")["email"]);
    }

    [Fact]
    public async Task ForceAliasCreation_moves_a_verified_address_and_the_former_holder_lives_on_without_it()
    {
        await using var pool = await PoolAdmin.Start(""" "AliasAttributes": ["email"] """);
        var mail = App.List("email=ana@example.com", "email_verified=true");
        await pool.Confirmed("ana", mail);
        var second = $"\"Username\": \"bo\", \"MessageAction\": \"SUPPRESS\", \"UserAttributes\": {mail}";
        Assert.Equal("UsernameExistsException", (await pool.Refused("AdminCreateUser", second)).Type);
        await pool.Call("AdminCreateUser", second + ", \"ForceAliasCreation\": true");

        Assert.Equal("bo", (string)(await pool.Call("AdminGetUser", "\"Username\": \"ana@example.com\""))["Username"]!);
        Assert.Equal("false", (await pool.AttributesOf("ana"))["email_verified"]);
        await pool.Call("AdminSetUserPassword", """ "Username": "ana", "Password": "Passw0rd-2", "Permanent": true """);
        Assert.IsType<SignInStep.Proven>(await pool.SignIn("ana", "Passw0rd-2"));
    }

    [Theory]
    [InlineData("""TemporaryPassword": "short""", "InvalidPasswordException", "Password did not conform with policy: Password not long enough")]
    [InlineData("""TemporaryPassword": "with a space""", "InvalidParameterException",
        "1 validation error detected: Value at 'temporaryPassword' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\S]+")]
    [InlineData("""MessageAction": "SHOUT""", "InvalidParameterException",
        "1 validation error detected: Value 'SHOUT' at 'messageAction' failed to satisfy constraint: Member must satisfy enum value set: [RESEND, SUPPRESS]")]
    public async Task What_breaks_a_rule_is_named_without_the_secret(string member, string type, string message)
    {
        await using var pool = await PoolAdmin.Start();
        Assert.Equal((type, message), await pool.Refused("AdminCreateUser", $"\"Username\": \"ana\", \"{member}\""));
        Assert.Equal("UserNotFoundException", (await pool.Refused("AdminGetUser", "\"Username\": \"ana\"")).Type);
    }

    [Theory]
    [InlineData("custom:team=red", "custom:team: Attribute does not exist in the schema.\n")]
    [InlineData("sub=1", "sub: Attribute does not exist in the schema.\n")]
    [InlineData("email_verified=true", "email_verified: The attribute email is required\n")]
    [InlineData("birthdate=1999", "birthdate: Invalid date format.\n")]
    public async Task Attributes_that_the_schema_does_not_hold_are_refused(string attribute, string fault)
    {
        await using var pool = await PoolAdmin.Start();
        var (type, message) = await pool.Refused("AdminCreateUser", PoolAdmin.Change("ana", attribute));
        Assert.Equal(("InvalidParameterException", $"Attributes did not conform to the schema: {fault}"), (type, message));
    }

    [Fact]
    public async Task Where_people_sign_in_by_a_code_a_user_without_a_password_is_confirmed_and_has_none()
    {
        await using var pool = await PoolAdmin.Start(""" "Policies": {"SignInPolicy": {"AllowedFirstAuthFactors": ["PASSWORD", "EMAIL_OTP"]}} """);
        await pool.Call("AdminCreateUser", PoolAdmin.Change("ana", "email=ana@example.com"));
        Assert.Equal("CONFIRMED", await pool.StatusOf("ana"));
        Assert.Empty(await pool.Inbox());
        Assert.Equal(Refusal.WrongPassword, (await Assert.ThrowsAsync<RefusedException>(() => pool.SignIn("ana"))).Reason);
    }

    [Fact]
    public void Generated_passwords_keep_every_policy()
    {
        foreach (var length in (int[])[6, 8, 14, 99])
            for (var i = 0; i < 200; i++)
            {
                var policy = new PasswordPolicy(length, true, true, true, true);
                var password = TemporaryPassword.Make(policy);
                Assert.Null(PasswordRules.Broken(policy, password));
                Assert.Equal(Math.Max(14, length), password.Length);
            }
    }
}
