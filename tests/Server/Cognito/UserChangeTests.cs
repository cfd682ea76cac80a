using Poolhouse.Core;
using Poolhouse.Core.Sessions;
using Poolhouse.Server.SignIn;
using Poolhouse.Server.Tests.Actors;
using Poolhouse.Storage;
using Xunit;

namespace Poolhouse.Server.Tests.Cognito;

public class UserChangeTests
{
    const string Ana = "\"Username\": \"ana\"";

    [Fact]
    public async Task A_user_is_found_by_name_by_sub_and_by_a_verified_address_only()
    {
        await using var pool = await PoolAdmin.Start(""" "AliasAttributes": ["email", "preferred_username"] """);
        var sub = await pool.Confirmed("ana", App.List("email=ana@example.com", "email_verified=true", "preferred_username=Annie"));
        await pool.Confirmed("bo", App.List("email=bo@example.com"));
        foreach (var name in (string[])["ana", sub, "ANA@example.com", "annie"])
            Assert.Equal("ana", (string)(await pool.Call("AdminGetUser", $"\"Username\": \"{name}\""))["Username"]!);
        Assert.Equal(("UserNotFoundException", "User does not exist."), await pool.Refused("AdminGetUser", "\"Username\": \"bo@example.com\""));
    }

    [Fact]
    public async Task A_user_named_like_the_sub_of_another_gets_nothing_that_is_meant_for_the_other()
    {
        await using var pool = await PoolAdmin.Start();
        var sub = await pool.Confirmed("ana");
        await pool.SignUp(sub);
        Assert.Equal("ana", (string)(await pool.Call("AdminGetUser", $"\"Username\": \"{sub}\""))["Username"]!);
    }

    [Fact]
    public async Task A_permanent_password_confirms_and_a_temporary_one_must_be_changed()
    {
        await using var pool = await PoolAdmin.Start();
        await pool.Call("AdminCreateUser", Ana);
        await pool.Call("AdminSetUserPassword", Ana + """, "Password": "Passw0rd-2", "Permanent": true""");
        Assert.Equal("CONFIRMED", await pool.StatusOf("ana"));
        Assert.IsType<SignInStep.Proven>(await pool.SignIn("ana", "Passw0rd-2"));

        await pool.Call("AdminSetUserPassword", Ana + """, "Password": "Passw0rd-3" """);
        Assert.Equal("FORCE_CHANGE_PASSWORD", await pool.StatusOf("ana"));
        Assert.Equal("NEW_PASSWORD_REQUIRED", Assert.IsType<SignInStep.Asked>(await pool.SignIn("ana", "Passw0rd-3")).Challenge);
        Assert.Equal(Refusal.WrongPassword, (await Assert.ThrowsAsync<RefusedException>(() => pool.SignIn("ana", "Passw0rd-2"))).Reason);
    }

    [Fact]
    public async Task A_weak_password_is_refused_and_the_old_one_stays()
    {
        await using var pool = await PoolAdmin.Start();
        await pool.Confirmed("ana");
        Assert.Equal(("InvalidPasswordException", "Password did not conform with policy: Password must have symbol characters"),
            await pool.Refused("AdminSetUserPassword", Ana + """, "Password": "Passw0rd1" """));
        await pool.SignIn("ana");
    }

    [Fact]
    public async Task An_administrator_confirms_a_sign_up_once_and_verifies_nothing_by_it()
    {
        await using var pool = await PoolAdmin.Start(""" "AutoVerifiedAttributes": ["email"] """);
        await pool.SignUp("ana", ("email", "ana@example.com"));
        Assert.Equal("UNCONFIRMED", await pool.StatusOf("ana"));
        Assert.Empty(await pool.Call("AdminConfirmSignUp", Ana));
        Assert.Equal("CONFIRMED", await pool.StatusOf("ana"));
        Assert.NotEqual("true", (await pool.AttributesOf("ana")).GetValueOrDefault("email_verified"));
        Assert.Equal(("NotAuthorizedException", "User cannot be confirmed. Current status is CONFIRMED"), await pool.Refused("AdminConfirmSignUp", Ana));
    }

    [Fact]
    public async Task A_disabled_user_is_signed_out_and_stays_out_until_enabled_again()
    {
        await using var pool = await PoolAdmin.Start();
        await pool.Confirmed("ana");
        var tokens = await pool.Session("ana");
        Assert.Null(await pool.Refresh(tokens));

        await pool.Call("AdminDisableUser", Ana);
        await pool.Call("AdminDisableUser", Ana);
        Assert.False((bool)(await pool.Call("AdminGetUser", Ana))["Enabled"]!);
        Assert.Equal("invalid_grant", await pool.Refresh(tokens));
        Assert.Equal(Refusal.UserDisabled, (await Assert.ThrowsAsync<RefusedException>(() => pool.SignIn("ana"))).Reason);

        await pool.Call("AdminEnableUser", Ana);
        Assert.True((bool)(await pool.Call("AdminGetUser", Ana))["Enabled"]!);
        Assert.Equal("invalid_grant", await pool.Refresh(tokens));
        Assert.Null(await pool.Refresh(await pool.Session("ana")));
    }

    [Fact]
    public async Task A_global_sign_out_ends_every_session_and_the_user_may_come_back()
    {
        await using var pool = await PoolAdmin.Start();
        await pool.Confirmed("ana");
        TokenSet[] sessions = [await pool.Session("ana"), await pool.Session("ana")];
        Assert.Empty(await pool.Call("AdminUserGlobalSignOut", Ana));
        foreach (var session in sessions) Assert.Equal("invalid_grant", await pool.Refresh(session));
        Assert.Null(await pool.Refresh(await pool.Session("ana")));
    }

    [Fact]
    public async Task A_deleted_user_is_gone_with_sessions_and_memberships_and_the_name_is_free()
    {
        await using var pool = await PoolAdmin.Start();
        await pool.Confirmed("ana");
        await pool.Call("CreateGroup", "\"GroupName\": \"g\"");
        await pool.Call("AdminAddUserToGroup", Ana + ", \"GroupName\": \"g\"");
        var tokens = await pool.Session("ana");

        Assert.Empty(await pool.Call("AdminDeleteUser", Ana));
        Assert.Equal("UserNotFoundException", (await pool.Refused("AdminDeleteUser", Ana)).Type);
        Assert.Equal("invalid_grant", await pool.Refresh(tokens));
        await pool.Confirmed("ana");
        Assert.Empty((await pool.Call("ListUsersInGroup", "\"GroupName\": \"g\""))["Users"]!.AsArray());
    }

    [Theory]
    [InlineData("AdminGetUser", "")]
    [InlineData("AdminDeleteUser", "")]
    [InlineData("AdminDisableUser", "")]
    [InlineData("AdminEnableUser", "")]
    [InlineData("AdminUserGlobalSignOut", "")]
    [InlineData("AdminConfirmSignUp", "")]
    [InlineData("AdminSetUserPassword", ", \"Password\": \"Passw0rd-1\"")]
    [InlineData("AdminUpdateUserAttributes", ", \"UserAttributes\": []")]
    [InlineData("AdminDeleteUserAttributes", ", \"UserAttributeNames\": []")]
    [InlineData("AdminResetUserPassword", "")]
    public async Task An_unknown_user_and_an_unknown_pool_are_named_as_such(string operation, string more)
    {
        await using var pool = await PoolAdmin.Start();
        Assert.Equal(("UserNotFoundException", "User does not exist."), await pool.Refused(operation, Ana + more));
        Assert.Equal(("ResourceNotFoundException", "User pool us-east-1_nobody does not exist."),
            await pool.Refused(operation, Ana + more + ", \"UserPoolId\": \"us-east-1_nobody\""));
    }

    [Fact]
    public async Task A_changed_address_is_unverified_unless_the_call_says_otherwise()
    {
        await using var pool = await PoolAdmin.Start();
        await pool.Confirmed("ana", App.List("email=ana@example.com", "email_verified=true"));
        await pool.Call("AdminUpdateUserAttributes", PoolAdmin.Change("ana", "email=other@example.com", "name=Ana"));
        var attributes = await pool.AttributesOf("ana");
        Assert.Equal(("other@example.com", "false", "Ana"), (attributes["email"], attributes["email_verified"], attributes["name"]));

        await pool.Call("AdminUpdateUserAttributes", PoolAdmin.Change("ana", "email=third@example.com", "email_verified=True"));
        Assert.Equal("true", (await pool.AttributesOf("ana"))["email_verified"]);
        await pool.Call("AdminUpdateUserAttributes", PoolAdmin.Change("ana", "email_verified=false"));
        Assert.Equal("false", (await pool.AttributesOf("ana"))["email_verified"]);
    }

    [Fact]
    public async Task An_empty_value_deletes_and_takes_the_proof_along()
    {
        await using var pool = await PoolAdmin.Start();
        await pool.Confirmed("ana", App.List("email=ana@example.com", "email_verified=true", "name=Ana"));
        await pool.Call("AdminUpdateUserAttributes", PoolAdmin.Change("ana", "email=", "name="));
        Assert.Equal(["sub"], (await pool.AttributesOf("ana")).Keys);
    }

    [Fact]
    public async Task Custom_attributes_follow_the_schema_and_immutable_ones_are_written_once()
    {
        await using var pool = await PoolAdmin.Start("""
            "Schema": [{"Name": "badge", "AttributeDataType": "String", "Mutable": false, "StringAttributeConstraints": {"MaxLength": "3"}},
                       {"Name": "level", "AttributeDataType": "Number", "Mutable": true, "NumberAttributeConstraints": {"MaxValue": "9"}}]
            """);
        await pool.Confirmed("ana", App.List("custom:level=7"));
        await pool.Call("AdminUpdateUserAttributes", PoolAdmin.Change("ana", "custom:badge=abc"));
        Assert.Equal("abc", (await pool.AttributesOf("ana"))["custom:badge"]);
        var (_, message) = await pool.Refused("AdminUpdateUserAttributes", PoolAdmin.Change("ana", "custom:badge=abd", "custom:level=10"));
        Assert.Equal("Attributes did not conform to the schema: custom:badge: Attribute cannot be updated. \ncustom:level: Number must be no more than 9\n", message);
        Assert.Equal("7", (await pool.AttributesOf("ana"))["custom:level"]);
    }

    [Fact]
    public async Task A_verified_address_of_somebody_else_is_refused_and_nothing_changes()
    {
        await using var pool = await PoolAdmin.Start(""" "AliasAttributes": ["email"] """);
        await pool.Confirmed("ana", App.List("email=ana@example.com", "email_verified=true"));
        await pool.Confirmed("bo");
        var steal = PoolAdmin.Change("bo", "email=ANA@example.com", "email_verified=true");
        Assert.Equal(("AliasExistsException", "An account with the email already exists."), await pool.Refused("AdminUpdateUserAttributes", steal));
        Assert.Equal(["sub"], (await pool.AttributesOf("bo")).Keys);
        await pool.Call("AdminUpdateUserAttributes", PoolAdmin.Change("bo", "email=ana@example.com"));
        Assert.Equal("AliasExistsException", (await pool.Refused("AdminUpdateUserAttributes", PoolAdmin.Change("bo", "email_verified=true"))).Type);
    }

    [Fact]
    public async Task An_address_that_must_be_verified_first_changes_only_with_its_proof()
    {
        await using var pool = await PoolAdmin.Start("""
            "AutoVerifiedAttributes": ["email"], "UserAttributeUpdateSettings": {"AttributesRequireVerificationBeforeUpdate": ["email"]}
            """);
        await pool.Confirmed("ana", App.List("email=ana@example.com", "email_verified=true"));
        await pool.Call("AdminUpdateUserAttributes", PoolAdmin.Change("ana", "email=b@example.com", "email_verified=false", "name=Ana"));
        var attributes = await pool.AttributesOf("ana");
        Assert.Equal(("ana@example.com", "true", "Ana"), (attributes["email"], attributes["email_verified"], attributes["name"]));
        Assert.Equal("b@example.com", (await pool.Inbox())[0].To.Address);
        await pool.Call("AdminUpdateUserAttributes", PoolAdmin.Change("ana", "email=b@example.com", "email_verified=true"));
        Assert.Equal("b@example.com", (await pool.AttributesOf("ana"))["email"]);
    }

    [Fact]
    public async Task A_code_that_went_to_the_old_address_does_not_prove_the_new_one()
    {
        await using var pool = await PoolAdmin.Start(""" "AutoVerifiedAttributes": ["email"] """);
        await pool.SignUp("ana", ("email", "ana@example.com"));
        var code = (await pool.Inbox())[0].Code!;
        await pool.Call("AdminUpdateUserAttributes", PoolAdmin.Change("ana", "email=victim@example.com"));
        var (settings, client) = await pool.Settings();
        var refused = await Assert.ThrowsAsync<RefusedException>(
            () => pool.Server.Service<SignUp>().Confirm(settings, client, new("ana", code), default));
        Assert.Equal(Refusal.CodeExpired, refused.Reason);
    }

    [Fact]
    public async Task Who_changes_the_address_while_choosing_a_first_password_has_not_proven_it()
    {
        await using var pool = await PoolAdmin.Start();
        await pool.Call("AdminCreateUser", PoolAdmin.Change("ana", "email=ana@example.com", "email_verified=true") + ", \"MessageAction\": \"SUPPRESS\"");
        var (settings, client) = await pool.Settings();
        await pool.Call("AdminSetUserPassword", """ "Username": "ana", "Password": "Passw0rd-1", "Permanent": false """);
        var asked = Assert.IsType<SignInStep.Asked>(await pool.SignIn("ana"));
        var answer = new NewPasswordAnswer(asked.Session, "ana", "Passw0rd-2", new Dictionary<string, string> { ["email"] = "victim@example.com" });
        await pool.Server.Service<NewPasswordStep>().Answer(new(settings, client, null), answer, default);
        Assert.Equal("false", (await pool.AttributesOf("ana"))["email_verified"]);
    }
}
