// People and their own accounts: addresses that change, proofs, passwords that are taken away, and the way out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributes, aws, listed, password, Pool, refused } from '../actors.mjs';
import { api, code, message } from '../house.mjs';

const mail = { Destination: 'n***@s***', DeliveryMedium: 'EMAIL', AttributeName: 'email' };

async function ana(t, settings) {
  const pool = await Pool.create(t, api, { AutoVerifiedAttributes: ['email'], ...settings });
  const client = await pool.client();
  const address = `ana-${Date.now()}@swim.example`;
  await pool.user('ana', { email: address, email_verified: 'true', name: 'Ana' });
  const { AccessToken } = await pool.signIn(client, 'ana');
  const read = async () => attributes((await api.getUser({ AccessToken })).UserAttributes);
  return { pool, client, address, AccessToken, read };
}

test('Users change their attributes, and prove a new address by the code that went there', async t => {
  const { AccessToken, read } = await ana(t);
  const UserAttributes = listed({ email: 'new@swim.example', nickname: 'An' });
  assert.deepEqual((await api.updateUserAttributes({ AccessToken, UserAttributes })).CodeDeliveryDetailsList, [mail]);
  assert.equal((await read()).email_verified, 'false');
  await refused(api.verifyUserAttribute({ AccessToken, AttributeName: 'email', Code: 'wrong' }), aws.CodeMismatchException);
  assert.deepEqual((await api.getUserAttributeVerificationCode({ AccessToken, AttributeName: 'email' })).CodeDeliveryDetails, mail);
  await api.verifyUserAttribute({ AccessToken, AttributeName: 'email', Code: await code('ana') });
  assert.equal((await read()).email_verified, 'true');
  await refused(api.updateUserAttributes({ AccessToken, UserAttributes: listed({ email_verified: 'true' }) }), aws.NotAuthorizedException,
    'A client attempted to write unauthorized attribute');
  await api.deleteUserAttributes({ AccessToken, UserAttributeNames: ['nickname'] });
  assert.equal('nickname' in await read(), false);
});

test('Where an address is verified before it is updated, the old one stays until then', async t => {
  const { AccessToken, address, read } = await ana(t, { UserAttributeUpdateSettings: { AttributesRequireVerificationBeforeUpdate: ['email'] } });
  await api.updateUserAttributes({ AccessToken, UserAttributes: listed({ email: 'new@swim.example' }) });
  assert.deepEqual([(await read()).email, (await read()).email_verified], [address, 'true']);
  assert.equal((await message('new@swim.example')).to, 'new@swim.example');
  await api.verifyUserAttribute({ AccessToken, AttributeName: 'email', Code: await code('new@swim.example') });
  assert.deepEqual([(await read()).email, (await read()).email_verified], ['new@swim.example', 'true']);
});

test('An administrator deletes attributes, and takes a password away that comes back by a code', async t => {
  const { pool, client } = await ana(t);
  const user = { ...pool.in, Username: 'ana' };
  await api.adminDeleteUserAttributes({ ...user, UserAttributeNames: ['name'] });
  assert.equal('name' in attributes((await api.adminGetUser(user)).UserAttributes), false);

  await api.adminResetUserPassword(user);
  await refused(pool.signIn(client, 'ana'), aws.PasswordResetRequiredException, 'Password reset required for the user');
  await api.confirmForgotPassword({ ClientId: client.ClientId, Username: 'ana', ConfirmationCode: await code('ana'), Password: 'Other-Pass-1' });
  assert.ok((await pool.signIn(client, 'ana', 'Other-Pass-1')).AccessToken);
  await api.adminDeleteUserAttributes({ ...user, UserAttributeNames: ['email'] });
  await refused(api.adminResetUserPassword(user), aws.InvalidParameterException, /no registered\/verified email or phone_number/);
});

test('A pool remembers passwords, and a right code is not lost by a used one', async t => {
  const { client, AccessToken } = await ana(t, { Policies: { PasswordPolicy: { MinimumLength: 8, PasswordHistorySize: 1 } } });
  const change = (PreviousPassword, ProposedPassword) => api.changePassword({ AccessToken, PreviousPassword, ProposedPassword });
  await change(password, 'Other-Pass-1');
  await refused(change('Other-Pass-1', password), aws.PasswordHistoryPolicyViolationException);
  await api.forgotPassword({ ClientId: client.ClientId, Username: 'ana' });
  const sent = { ClientId: client.ClientId, Username: 'ana', ConfirmationCode: await code('ana') };
  await refused(api.confirmForgotPassword({ ...sent, Password: password }), aws.PasswordHistoryPolicyViolationException);
  await api.confirmForgotPassword({ ...sent, Password: 'Third-Pass-1' });
  await change('Third-Pass-1', password);
});

test('Who confirms a sign-up goes on with its session, without a password', async t => {
  const pool = await Pool.create(t, api, { AutoVerifiedAttributes: ['email'], Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } } });
  const { ClientId } = await pool.client({ ExplicitAuthFlows: ['ALLOW_USER_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] });
  const made = await api.signUp({ ClientId, Username: 'ida', UserAttributes: listed({ email: 'ida@swim.example' }) });
  const { Session } = await api.confirmSignUp({ ClientId, Username: 'ida', ConfirmationCode: await code('ida'), Session: made.Session });
  const { AuthenticationResult } = await api.initiateAuth({ ClientId, AuthFlow: 'USER_AUTH', AuthParameters: { USERNAME: 'ida' }, Session });
  assert.equal((await api.getUser({ AccessToken: AuthenticationResult.AccessToken })).Username, 'ida');
});

test('Users delete their own accounts', async t => {
  const { pool, client, AccessToken } = await ana(t);
  await api.deleteUser({ AccessToken });
  await refused(api.getUser({ AccessToken }), aws.UserNotFoundException, 'User does not exist.');
  await refused(pool.signIn(client, 'ana'), aws.UserNotFoundException);
});
