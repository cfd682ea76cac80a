// aws-amplify v6, unchanged: sign-up, SRP and password sign-in, second factors, choice of the first factor, refresh, sign-out.
import { Amplify } from 'aws-amplify';
import * as auth from 'aws-amplify/auth';
import { cognitoUserPoolsTokenProvider } from 'aws-amplify/auth/cognito';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aws, claims, development, password, Pool } from './actors.mjs';
import { AuthenticatorApp } from '../actors/totp.mjs';

// A browser has a name, by which the library calls the device; Node.js has none before version 21.
globalThis.navigator ??= { userAgent: 'Mozilla/5.0 (X11; Linux x86_64)' };
const { server, api, code } = await development();
const flows = ['ALLOW_USER_SRP_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_USER_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'];

/** A browser's storage, so that the library forgets nothing between two calls. */
function storage() {
  const kept = new Map();
  return {
    setItem: async (key, value) => void kept.set(key, value), getItem: async key => kept.get(key) ?? null,
    removeItem: async key => void kept.delete(key), clear: async () => kept.clear(),
  };
}

async function house(t, settings, { mfa, ...client } = {}) {
  const pool = await Pool.create(t, api, settings);
  if (mfa) await api.setUserPoolMfaConfig({ ...pool.in, ...mfa });
  const { ClientId } = await pool.client({ ExplicitAuthFlows: flows, ...client });
  Amplify.configure({ Auth: { Cognito: { userPoolId: pool.UserPoolId, userPoolClientId: ClientId, userPoolEndpoint: server.url } } });
  cognitoUserPoolsTokenProvider.setKeyValueStorage(storage());
  t.after(() => auth.signOut());
  return { pool, ClientId };
}

const step = ({ nextStep }) => nextStep.signInStep ?? nextStep.signUpStep;
const rejects = (call, name, message) => assert.rejects(call, problem => {
  assert.equal(problem.name, name, problem.stack);
  if (message) assert.equal(problem.message, message);
  return true;
});

test('Sign-up, SRP sign-in, a forced refresh and sign-out everywhere', async t => {
  const { pool } = await house(t, { AutoVerifiedAttributes: ['email'] });
  const made = await auth.signUp({ username: 'ana', password, options: { userAttributes: { email: 'ana@swim.example' } } });
  assert.deepEqual([step(made), made.nextStep.codeDeliveryDetails.destination], ['CONFIRM_SIGN_UP', 'a***@s***']);
  assert.equal(step(await auth.signIn({ username: 'ana', password })), 'CONFIRM_SIGN_UP');
  assert.equal(step(await auth.confirmSignUp({ username: 'ana', confirmationCode: await code('ana') })), 'DONE');
  await rejects(auth.signIn({ username: 'ana', password: 'Wrong-Pass-1' }), 'NotAuthorizedException', 'Incorrect username or password.');
  assert.equal(step(await auth.signIn({ username: 'ana', password })), 'DONE');

  const before = await auth.fetchAuthSession();
  const after = await auth.fetchAuthSession({ forceRefresh: true });
  assert.notEqual(after.tokens.accessToken.toString(), before.tokens.accessToken.toString());
  assert.equal(after.tokens.accessToken.payload.origin_jti, before.tokens.accessToken.payload.origin_jti);
  assert.deepEqual(await auth.fetchUserAttributes(), { email: 'ana@swim.example', email_verified: 'true', sub: after.userSub });
  await auth.signOut({ global: true });
  await rejects(api.getUser({ AccessToken: after.tokens.accessToken.toString() }), 'NotAuthorizedException', 'Access Token has been revoked');
  assert.equal((await auth.fetchAuthSession()).tokens, undefined);
  await rejects(auth.signUp({ username: 'ana', password }), 'UsernameExistsException', 'User already exists');
  assert.ok(pool);
});

test('A rotating client refreshes and keeps its session', async t => {
  const { pool } = await house(t, {}, {
    ExplicitAuthFlows: flows.filter(flow => flow !== 'ALLOW_REFRESH_TOKEN_AUTH'), RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
  });
  await pool.user('ana');
  await auth.signIn({ username: 'ana', password });
  for (let round = 0; round < 3; round++) assert.ok((await auth.fetchAuthSession({ forceRefresh: true })).tokens);
});

test('A password that was forgotten is reset, one that was temporary is replaced', async t => {
  const { pool } = await house(t, {});
  await pool.user('ana', { email: 'ana@swim.example', email_verified: 'true' });
  assert.equal((await auth.resetPassword({ username: 'ana' })).nextStep.resetPasswordStep, 'CONFIRM_RESET_PASSWORD_WITH_CODE');
  await auth.confirmResetPassword({ username: 'ana', newPassword: 'Dive-4-Fun', confirmationCode: await code('ana') });
  assert.equal(step(await auth.signIn({ username: 'ana', password: 'Dive-4-Fun', options: { authFlowType: 'USER_PASSWORD_AUTH' } })), 'DONE');
  await auth.updatePassword({ oldPassword: 'Dive-4-Fun', newPassword: password });
  await auth.signOut();

  await api.adminCreateUser({ ...pool.in, Username: 'bob', TemporaryPassword: 'Temp-4-Fun', MessageAction: 'SUPPRESS' });
  assert.equal(step(await auth.signIn({ username: 'bob', password: 'Temp-4-Fun' })), 'CONFIRM_SIGN_IN_WITH_NEW_PASSWORD_REQUIRED');
  assert.equal(step(await auth.confirmSignIn({ challengeResponse: password })), 'DONE');
});

test('An authenticator app is set up where one is demanded and asked for the next time', async t => {
  const { pool } = await house(t, {}, { mfa: { MfaConfiguration: 'ON', SoftwareTokenMfaConfiguration: { Enabled: true } } });
  await pool.user('ana');
  const begun = await auth.signIn({ username: 'ana', password });
  assert.equal(step(begun), 'CONTINUE_SIGN_IN_WITH_TOTP_SETUP');
  const phone = new AuthenticatorApp(begun.nextStep.totpSetupDetails.sharedSecret);
  assert.equal(step(await auth.confirmSignIn({ challengeResponse: phone.code() })), 'DONE');
  await auth.signOut();
  assert.equal(step(await auth.signIn({ username: 'ana', password })), 'CONFIRM_SIGN_IN_WITH_TOTP_CODE');
  const right = phone.code();
  await rejects(auth.confirmSignIn({ challengeResponse: right === '000000' ? '000001' : '000000' }), 'CodeMismatchException');
  assert.equal(step(await auth.confirmSignIn({ challengeResponse: right })), 'DONE');
});

test('A signed-in user sets up an app, prefers it, and chooses between it and a code by e-mail', async t => {
  const { pool } = await house(t, {}, { mfa: { MfaConfiguration: 'OPTIONAL', SoftwareTokenMfaConfiguration: { Enabled: true }, EmailMfaConfiguration: {} } });
  await pool.user('ana', { email: 'ana@swim.example', email_verified: 'true' });
  await auth.signIn({ username: 'ana', password });
  const phone = new AuthenticatorApp((await auth.setUpTOTP()).sharedSecret);
  await auth.verifyTOTPSetup({ code: phone.code() });
  await auth.updateMFAPreference({ totp: 'ENABLED', email: 'ENABLED' });
  assert.deepEqual((await auth.fetchMFAPreference()).enabled.sort(), ['EMAIL', 'TOTP']);
  await auth.signOut();

  const choice = await auth.signIn({ username: 'ana', password });
  assert.equal(step(choice), 'CONTINUE_SIGN_IN_WITH_MFA_SELECTION');
  assert.deepEqual(choice.nextStep.allowedMFATypes.sort(), ['EMAIL', 'TOTP']);
  assert.equal(step(await auth.confirmSignIn({ challengeResponse: 'EMAIL' })), 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
  assert.equal(step(await auth.confirmSignIn({ challengeResponse: await code('ana') })), 'DONE');
});

test('The first factor is chosen: a code by e-mail, or the password by SRP', async t => {
  const { pool } = await house(t, { Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } } });
  await pool.user('ana', { email: 'ana@swim.example', email_verified: 'true' });
  const options = { authFlowType: 'USER_AUTH' };
  const choice = await auth.signIn({ username: 'ana', options });
  assert.equal(step(choice), 'CONTINUE_SIGN_IN_WITH_FIRST_FACTOR_SELECTION');
  assert.deepEqual(choice.nextStep.availableChallenges.sort(), ['EMAIL_OTP', 'PASSWORD', 'PASSWORD_SRP']);
  assert.equal(step(await auth.confirmSignIn({ challengeResponse: 'EMAIL_OTP' })), 'CONFIRM_SIGN_IN_WITH_EMAIL_CODE');
  assert.equal(step(await auth.confirmSignIn({ challengeResponse: await code('ana') })), 'DONE');
  await auth.signOut();
  assert.equal(step(await auth.signIn({ username: 'ana', password, options: { ...options, preferredChallenge: 'PASSWORD_SRP' } })), 'DONE');
});

test('A device is remembered and stands in for the second factor', async t => {
  const { pool } = await house(t, { DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: false } },
    { mfa: { MfaConfiguration: 'OPTIONAL', SoftwareTokenMfaConfiguration: { Enabled: true } } });
  await pool.user('ana');
  await auth.signIn({ username: 'ana', password });
  const phone = new AuthenticatorApp((await auth.setUpTOTP()).sharedSecret);
  await auth.verifyTOTPSetup({ code: phone.code() });
  await auth.updateMFAPreference({ totp: 'PREFERRED' });
  assert.equal((await auth.fetchDevices()).length, 1);
  await auth.signOut();

  assert.equal(step(await auth.signIn({ username: 'ana', password })), 'DONE');
  const { tokens } = await auth.fetchAuthSession({ forceRefresh: true });
  assert.match(claims(tokens.accessToken.toString()).device_key, /^us-east-1_/);
  await auth.forgetDevice();
  await rejects(api.getUser({ AccessToken: tokens.accessToken.toString() }), aws.NotAuthorizedException.name);
});
