// People who make their own accounts: sign-up, codes, aliases, forgotten passwords, and what strangers may learn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributes, aws, listed, password, Pool, refused, secretHash } from '../actors.mjs';
import { api, code, message } from '../house.mjs';

const signUp = (client, Username, given = {}, also = {}) =>
  api.signUp({ ClientId: client.ClientId, Username, Password: password, UserAttributes: listed(given), ...also });
const confirm = async (client, Username, ConfirmationCode, also = {}) =>
  api.confirmSignUp({ ClientId: client.ClientId, Username, ConfirmationCode: ConfirmationCode ?? await code(Username), ...also });
const wrong = right => (right === '000000' ? '000001' : '000000');

test('Who signs up confirms with the code that came by mail, and only then signs in', async t => {
  const pool = await Pool.create(t, api, { AutoVerifiedAttributes: ['email'] });
  const client = await pool.client();
  const made = await signUp(client, 'ana', { email: 'ana@swim.example' });
  assert.deepEqual([made.UserConfirmed, made.CodeDeliveryDetails],
    [false, { Destination: 'a***@s***', DeliveryMedium: 'EMAIL', AttributeName: 'email' }]);
  await refused(pool.signIn(client, 'ana'), aws.UserNotConfirmedException, 'User is not confirmed.');
  await refused(signUp(client, 'ana'), aws.UsernameExistsException, 'User already exists');

  const first = await code('ana');
  await refused(confirm(client, 'ana', wrong(first)), aws.CodeMismatchException, 'Invalid verification code provided, please try again.');
  const again = await api.resendConfirmationCode({ ClientId: client.ClientId, Username: 'ana' });
  assert.deepEqual(again.CodeDeliveryDetails, made.CodeDeliveryDetails);
  const second = await code('ana');
  if (second !== first) await refused(confirm(client, 'ana', first), aws.CodeMismatchException);
  await confirm(client, 'ana', second);
  await refused(api.resendConfirmationCode({ ClientId: client.ClientId, Username: 'ana' }), aws.InvalidParameterException, 'User is already confirmed.');

  const { AccessToken } = await pool.signIn(client, 'ana');
  const { Username, UserAttributes } = await api.getUser({ AccessToken });
  assert.deepEqual([Username, attributes(UserAttributes)],
    ['ana', { sub: made.UserSub, email: 'ana@swim.example', email_verified: 'true' }]);
});

test('Without an address that is verified by itself no code goes out, and an administrator confirms', async t => {
  const pool = await Pool.create(t, api);
  const client = await pool.client();
  const made = await signUp(client, 'ben', { email: 'ben@swim.example' });
  assert.equal(made.CodeDeliveryDetails, undefined);
  await api.adminConfirmSignUp({ ...pool.in, Username: 'ben' });
  await refused(api.adminConfirmSignUp({ ...pool.in, Username: 'ben' }), aws.NotAuthorizedException, 'User cannot be confirmed. Current status is CONFIRMED');
  assert.ok((await pool.signIn(client, 'ben')).AccessToken);
});

test('A confidential client proves itself with SECRET_HASH in every call', async t => {
  const pool = await Pool.create(t, api, { AutoVerifiedAttributes: ['email'] });
  const client = await pool.client({ GenerateSecret: true });
  const [mail, id] = [{ email: 'cleo@swim.example' }, client.ClientId];
  const SecretHash = secretHash(client, 'cleo');
  await refused(signUp(client, 'cleo', mail), aws.NotAuthorizedException, `Client ${id} is configured with secret but SECRET_HASH was not received`);
  await refused(signUp(client, 'cleo', mail, { SecretHash: secretHash(client, 'other') }), aws.NotAuthorizedException, `Unable to verify secret hash for client ${id}`);
  await signUp(client, 'cleo', mail, { SecretHash });
  await confirm(client, 'cleo', undefined, { SecretHash });
  const tokens = await pool.signIn(client, 'cleo');
  const renew = also => api.initiateAuth({ ClientId: id, AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN: tokens.RefreshToken, ...also } });
  assert.ok((await renew({ SECRET_HASH: SecretHash })).AuthenticationResult.AccessToken);
  await refused(renew({}), aws.NotAuthorizedException);
  assert.ok((await pool.refresh(client, tokens, { ClientSecret: client.ClientSecret })).AccessToken);
  await refused(pool.refresh(client, tokens), aws.NotAuthorizedException);
});

test('In an alias pool a verified address signs in, belongs to one user, and can be taken over on request', async t => {
  const pool = await Pool.create(t, api, { AliasAttributes: ['email'], AutoVerifiedAttributes: ['email'] });
  const client = await pool.client();
  const mail = { email: 'shared@swim.example' };
  for (const name of ['dora', 'emil']) await signUp(client, name, mail);
  await confirm(client, 'dora');
  const { AccessToken } = await pool.signIn(client, 'shared@swim.example');
  assert.equal((await api.getUser({ AccessToken })).Username, 'dora');
  const held = await code('emil');
  await refused(confirm(client, 'emil', held), aws.AliasExistsException, 'An account with the email already exists.');
  await confirm(client, 'emil', held, { ForceAliasCreation: true });
  const taken = await pool.signIn(client, 'shared@swim.example');
  assert.equal((await api.getUser(taken)).Username, 'emil');
});

test('In an e-mail pool the address is the name that people type, and the sub is the name that they have', async t => {
  const pool = await Pool.create(t, api, { UsernameAttributes: ['email'], AutoVerifiedAttributes: ['email'], UsernameConfiguration: { CaseSensitive: false } });
  const client = await pool.client();
  await refused(signUp(client, 'no-address'), aws.InvalidParameterException, /email/);
  const made = await signUp(client, 'Fay@swim.example');
  await refused(signUp(client, 'fay@swim.example'), aws.UsernameExistsException, 'An account with the given email already exists.');
  await confirm(client, 'fay@swim.example', await code(made.UserSub));
  for (const typed of ['fay@swim.example', 'FAY@swim.example', made.UserSub]) {
    const { Username, UserAttributes } = await api.getUser(await pool.signIn(client, typed));
    assert.deepEqual([Username, attributes(UserAttributes).email.toLowerCase()], [made.UserSub, 'fay@swim.example']);
  }
});

test('In a phone pool the code comes by text message', async t => {
  const pool = await Pool.create(t, api, { UsernameAttributes: ['phone_number'], AutoVerifiedAttributes: ['phone_number'] });
  const client = await pool.client();
  const made = await signUp(client, '+12065550199');
  assert.deepEqual(made.CodeDeliveryDetails, { Destination: '+*******0199', DeliveryMedium: 'SMS', AttributeName: 'phone_number' });
  const sent = await message('+12065550199');
  assert.equal(sent.to, '+12065550199');
  await confirm(client, '+12065550199', sent.code);
  const { UserAttributes } = await api.getUser(await pool.signIn(client, '+12065550199'));
  assert.equal(attributes(UserAttributes).phone_number_verified, 'true');
});

test('A forgotten password is replaced by a code, and sessions stay', async t => {
  const pool = await Pool.create(t, api);
  const client = await pool.client();
  await pool.user('gus', { email: 'gus@swim.example', email_verified: 'true' });
  const tokens = await pool.signIn(client, 'gus');
  const forgot = await api.forgotPassword({ ClientId: client.ClientId, Username: 'gus' });
  assert.deepEqual(forgot.CodeDeliveryDetails, { Destination: 'g***@s***', DeliveryMedium: 'EMAIL', AttributeName: 'email' });
  const sent = await code('gus');
  const reset = (ConfirmationCode, Password) => api.confirmForgotPassword({ ClientId: client.ClientId, Username: 'gus', ConfirmationCode, Password });
  await refused(reset(wrong(sent), 'Other-Pass-1'), aws.CodeMismatchException);
  await refused(reset(sent, 'short'), aws.InvalidPasswordException, /^Password did not conform with policy: /);
  await reset(sent, 'Other-Pass-1');
  await refused(reset(sent, 'Other-Pass-2'), aws.ExpiredCodeException, 'Invalid code provided, please request a code again.');
  await refused(pool.signIn(client, 'gus'), aws.NotAuthorizedException, 'Incorrect username or password.');
  assert.ok((await pool.signIn(client, 'gus', 'Other-Pass-1')).AccessToken);
  assert.ok((await pool.refresh(client, tokens)).AccessToken);
});

test('A client that hides who exists answers strangers as it answers users', async t => {
  const pool = await Pool.create(t, api, { AutoVerifiedAttributes: ['email'] });
  const [open, hiding] = [await pool.client(), await pool.client({ PreventUserExistenceErrors: 'ENABLED' })];
  await pool.user('hal');
  const calls = [
    ({ ClientId }) => api.forgotPassword({ ClientId, Username: 'nobody' }),
    ({ ClientId }) => api.resendConfirmationCode({ ClientId, Username: 'nobody' }),
    ({ ClientId }) => api.confirmForgotPassword({ ClientId, Username: 'nobody', ConfirmationCode: '123456', Password: password }),
    ({ ClientId }) => api.confirmSignUp({ ClientId, Username: 'nobody', ConfirmationCode: '123456' }),
    client => pool.signIn(client, 'nobody'),
  ];
  for (const call of calls) await refused(call(open), aws.UserNotFoundException);
  for (const call of calls.slice(0, 2)) assert.equal((await call(hiding)).CodeDeliveryDetails.DeliveryMedium, 'EMAIL');
  for (const call of calls.slice(2)) await refused(call(hiding), aws.CognitoIdentityProviderServiceException, /^(?!.*exist)/);
  for (const name of ['nobody', 'hal'])
    await refused(pool.signIn(hiding, name, 'Wrong-Pass-1'), aws.NotAuthorizedException, 'Incorrect username or password.');
});

test('A sign-up keeps to the pool: its password policy, its schema, and whether people may sign up at all', async t => {
  const pool = await Pool.create(t, api, { Schema: [{ Name: 'email', Required: true }] });
  const client = await pool.client();
  const mail = { email: 'ida@swim.example' };
  await refused(signUp(client, 'ida', mail, { Password: 'no-upper-1' }), aws.InvalidPasswordException,
    'Password did not conform with policy: Password must have uppercase characters');
  await refused(signUp(client, 'ida'), aws.InvalidParameterException, /email/);
  await refused(signUp(client, 'ida', { ...mail, 'custom:none': '1' }), aws.InvalidParameterException, /custom:none: Attribute does not exist in the schema/);
  await api.updateUserPool({ ...pool.in, AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } });
  await refused(signUp(client, 'ida', mail), aws.NotAuthorizedException, 'SignUp is not permitted for this user pool');
});
