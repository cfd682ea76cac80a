// What administrators do with users: invite, read, change, disable, find, delete.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributes, aws, claims, listed, pages, password, Pool, refused } from '../actors.mjs';
import { api, message } from '../house.mjs';

test('An invited user signs in with the temporary password and has to choose another', async t => {
  const pool = await Pool.create(t, api, { Schema: [{ Name: 'name', Required: true }] });
  const client = await pool.client();
  const { User } = await api.adminCreateUser({
    ...pool.in, Username: 'ana', UserAttributes: listed({ email: 'ana@swim.example', email_verified: 'true' }), DesiredDeliveryMediums: ['EMAIL'],
  });
  assert.deepEqual([User.Username, User.Enabled, User.UserStatus], ['ana', true, 'FORCE_CHANGE_PASSWORD']);
  assert.ok(User.UserCreateDate instanceof Date && User.UserLastModifiedDate instanceof Date);
  const temporary = (await message('ana')).code;

  await refused(pool.signIn(client, 'ana', 'Wrong-Pass-1'), aws.NotAuthorizedException, 'Incorrect username or password.');
  const asked = await pool.signIn(client, 'ana', temporary);
  assert.equal(asked.ChallengeName, 'NEW_PASSWORD_REQUIRED');
  assert.deepEqual(JSON.parse(asked.ChallengeParameters.requiredAttributes), ['userAttributes.name']);
  assert.equal(JSON.parse(asked.ChallengeParameters.userAttributes).email, 'ana@swim.example');

  const answer = { ClientId: client.ClientId, ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: asked.Session };
  const responses = { USERNAME: 'ana', NEW_PASSWORD: password, 'userAttributes.name': 'Ana' };
  await refused(api.respondToAuthChallenge({ ...answer, ChallengeResponses: { ...responses, NEW_PASSWORD: 'short' } }), aws.InvalidPasswordException);
  const { AuthenticationResult } = await api.respondToAuthChallenge({ ...answer, ChallengeResponses: responses });
  assert.equal(claims(AuthenticationResult.IdToken).name, 'Ana');
  await refused(api.respondToAuthChallenge({ ...answer, ChallengeResponses: responses }), aws.NotAuthorizedException,
    'Invalid session for the user, session can only be used once.');
  assert.equal((await api.adminGetUser({ ...pool.in, Username: 'ana' })).UserStatus, 'CONFIRMED');
});

test('A backend signs a user in and answers the challenge in the name of the pool', async t => {
  const pool = await Pool.create(t, api);
  const client = await pool.client();
  const user = { ...pool.in, Username: 'ben' };
  await api.adminCreateUser({ ...user, TemporaryPassword: 'Temp-Pass-1', MessageAction: 'SUPPRESS' });
  const begin = PASSWORD => api.adminInitiateAuth({
    ...pool.in, ClientId: client.ClientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'ben', PASSWORD },
  });
  const { Session, ChallengeName, AuthenticationResult: none } = await begin('Temp-Pass-1');
  assert.deepEqual([ChallengeName, none], ['NEW_PASSWORD_REQUIRED', undefined]);
  const { AuthenticationResult } = await api.adminRespondToAuthChallenge({
    ...pool.in, ClientId: client.ClientId, ChallengeName, Session, ChallengeResponses: { USERNAME: 'ben', NEW_PASSWORD: password },
  });
  assert.equal(claims(AuthenticationResult.AccessToken).username, 'ben');
  assert.ok((await begin(password)).AuthenticationResult.RefreshToken);
  const other = await Pool.create(t, api);
  await refused(api.adminInitiateAuth({ ...other.in, ClientId: client.ClientId, AuthFlow: 'ADMIN_USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'ben', PASSWORD: password } }),
    aws.ResourceNotFoundException);
});

test('An invitation is sent again with a new password, to those who have not chosen one', async t => {
  const pool = await Pool.create(t, api);
  const client = await pool.client();
  const user = { ...pool.in, Username: 'cleo', DesiredDeliveryMediums: ['EMAIL'], UserAttributes: listed({ email: 'cleo@swim.example' }) };
  await api.adminCreateUser(user);
  await refused(api.adminCreateUser(user), aws.UsernameExistsException, 'User account already exists');
  const first = (await message('cleo')).code;
  await api.adminCreateUser({ ...user, MessageAction: 'RESEND' });
  const second = (await message('cleo')).code;
  await refused(pool.signIn(client, 'cleo', first), aws.NotAuthorizedException);
  assert.equal((await pool.signIn(client, 'cleo', second)).ChallengeName, 'NEW_PASSWORD_REQUIRED');
  await api.adminSetUserPassword({ ...pool.in, Username: 'cleo', Password: password, Permanent: true });
  await refused(api.adminCreateUser({ ...user, MessageAction: 'RESEND' }), aws.UnsupportedUserStateException);
});

test('Attributes are read and changed by administrators, by the schema', async t => {
  const pool = await Pool.create(t, api, { Schema: [{ Name: 'lane', AttributeDataType: 'Number' }, { Name: 'club', AttributeDataType: 'String', Mutable: false }] });
  await pool.user('dora', { email: 'dora@swim.example', 'custom:club': 'Otters' });
  const user = { ...pool.in, Username: 'dora' };
  const change = given => api.adminUpdateUserAttributes({ ...user, UserAttributes: listed(given) });
  const read = async () => {
    const { UserAttributes, UserLastModifiedDate, UserCreateDate } = await api.adminGetUser(user);
    assert.ok(UserLastModifiedDate >= UserCreateDate);
    return attributes(UserAttributes);
  };
  await change({ email_verified: 'true', 'custom:lane': '4', name: 'Dora' });
  const { sub, ...now } = await read();
  assert.match(sub, /^[0-9a-f-]{36}$/);
  assert.deepEqual(now, { email: 'dora@swim.example', email_verified: 'true', 'custom:club': 'Otters', 'custom:lane': '4', name: 'Dora' });
  await change({ name: '' });
  assert.equal((await read()).name, undefined);
  await change({ email: 'new@swim.example' });
  assert.notEqual((await read()).email_verified, 'true');
  await refused(change({ 'custom:club': 'Eels' }), aws.InvalidParameterException);
  await refused(change({ 'custom:lane': 'four' }), aws.InvalidParameterException);
  await refused(api.adminGetUser({ ...pool.in, Username: 'nobody' }), aws.UserNotFoundException, 'User does not exist.');
});

test('A disabled user is out until enabled, and has to sign in again', async t => {
  const pool = await Pool.create(t, api);
  const client = await pool.client();
  const user = { ...pool.in, Username: await pool.user('emil') };
  const tokens = await pool.signIn(client, 'emil');
  await api.adminDisableUser(user);
  assert.equal((await api.adminGetUser(user)).Enabled, false);
  for (const call of [() => pool.signIn(client, 'emil'), () => pool.refresh(client, tokens), () => api.getUser({ AccessToken: tokens.AccessToken })])
    await refused(call(), aws.NotAuthorizedException);
  await api.adminEnableUser(user);
  await refused(pool.refresh(client, tokens), aws.NotAuthorizedException, 'Refresh Token has been revoked');
  assert.ok((await pool.signIn(client, 'emil')).AccessToken);
});

test('A temporary password set by an administrator is for one sign-in, a permanent one stays', async t => {
  const pool = await Pool.create(t, api);
  const client = await pool.client();
  const user = { ...pool.in, Username: await pool.user('fay') };
  await refused(api.adminSetUserPassword({ ...user, Password: 'short', Permanent: true }), aws.InvalidPasswordException);
  await api.adminSetUserPassword({ ...user, Password: 'Temp-Pass-1', Permanent: false });
  assert.equal((await api.adminGetUser(user)).UserStatus, 'FORCE_CHANGE_PASSWORD');
  assert.equal((await pool.signIn(client, 'fay', 'Temp-Pass-1')).ChallengeName, 'NEW_PASSWORD_REQUIRED');
});

test('An administrator signs a user out everywhere, or deletes the user', async t => {
  const pool = await Pool.create(t, api);
  const [one, other] = [await pool.client(), await pool.client()];
  const user = { ...pool.in, Username: await pool.user('gus') };
  const sessions = [await pool.signIn(one, 'gus'), await pool.signIn(other, 'gus')];
  await api.adminUserGlobalSignOut(user);
  for (const { AccessToken } of sessions) await refused(api.getUser({ AccessToken }), aws.NotAuthorizedException, 'Access Token has been revoked');
  const { AccessToken } = await pool.signIn(one, 'gus');
  await api.adminDeleteUser(user);
  await refused(api.adminDeleteUser(user), aws.UserNotFoundException);
  await refused(api.getUser({ AccessToken }), aws.CognitoIdentityProviderServiceException);
});

test('Users are found by filters and read in pages', async t => {
  const pool = await Pool.create(t, api);
  for (const [i, name] of ['hal', 'hana', 'ida', 'jo', 'kim'].entries())
    await api.adminCreateUser({ ...pool.in, Username: name, MessageAction: 'SUPPRESS', UserAttributes: listed({ email: `${name}@swim.example`, given_name: i < 2 ? 'H "x"' : 'Other' }) });
  await api.adminDisableUser({ ...pool.in, Username: 'jo' });
  const found = async Filter => (await api.listUsers({ ...pool.in, Filter })).Users.map(one => one.Username).sort();
  assert.deepEqual(await found('username ^= "ha"'), ['hal', 'hana']);
  assert.deepEqual(await found('email = "ida@swim.example"'), ['ida']);
  assert.deepEqual(await found('given_name = "H \\"x\\""'), ['hal', 'hana']);
  assert.deepEqual(await found('status = "Disabled"'), ['jo']);
  assert.deepEqual(await found('cognito:user_status = "CONFIRMED"'), []);
  assert.deepEqual(await found('email = "nobody@swim.example"'), []);
  await refused(found('custom:lane = "1"'), aws.InvalidParameterException, 'Invalid search attribute: custom:lane');
  await refused(found('email contains "x"'), aws.InvalidParameterException);

  const { items, count } = await pages(aws.paginateListUsers({ client: api, pageSize: 2 }, { ...pool.in, AttributesToGet: ['email'] }), 'Users');
  assert.deepEqual([items.map(one => one.Username).sort(), count], [['hal', 'hana', 'ida', 'jo', 'kim'], 3]);
  assert.ok(items.every(one => one.UserCreateDate instanceof Date && one.Attributes.length === 1 && one.Attributes[0].Name === 'email'));
  await refused(api.listUsers({ ...pool.in, PaginationToken: 'bm8gdG9rZW4' }), aws.InvalidParameterException);
});
