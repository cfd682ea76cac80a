// amazon-cognito-identity-js, unchanged: SRP, second factors, remembered devices, custom challenges, new passwords.
import { AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool } from 'amazon-cognito-identity-js';
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, test } from 'node:test';
import { claims, development, password, Pool } from './actors.mjs';
import { AuthenticatorApp } from '../actors/totp.mjs';

// The functions of a pool, as somebody else's server.
const functions = {};
const lambda = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const event = JSON.parse(body);
  await functions[decodeURIComponent(request.url.split('/').at(-2)).split(':').at(-1)](event);
  response.setHeader('content-type', 'application/json').end(JSON.stringify(event));
}).listen(0, '127.0.0.1');
await new Promise(done => lambda.once('listening', done));
after(() => lambda.close());

const { server, api, code } = await development({ env: { POOLHOUSE_Triggers__Endpoint: `http://127.0.0.1:${lambda.address().port}` } });
const flows = ['ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH', 'ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'];
const memory = () => {
  const kept = new Map();
  return { getItem: key => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: key => kept.delete(key), clear: () => kept.clear() };
};

/** A person in front of an app on this library; the storage is the browser's. */
class Person {
  constructor(pool, client, Username, Storage = memory()) {
    this.pool = new CognitoUserPool({ UserPoolId: pool.UserPoolId, ClientId: client.ClientId, endpoint: server.url, Storage });
    this.user = new CognitoUser({ Username, Pool: this.pool, Storage });
  }

  /** Gives the password; resolves to what the library calls back with. */
  signIn(Password = password, custom = false) {
    if (custom) this.user.setAuthenticationFlowType('CUSTOM_AUTH');
    return this.#answer(callbacks => this.user.authenticateUser(new AuthenticationDetails({ Username: this.user.getUsername(), Password }), callbacks));
  }

  challenge() {
    this.user.setAuthenticationFlowType('CUSTOM_AUTH');
    return this.#answer(callbacks => this.user.initiateAuth(new AuthenticationDetails({ Username: this.user.getUsername() }), callbacks));
  }

  answer(method, ...args) { return this.#answer(callbacks => this.user[method](...args, callbacks)); }
  code(typed, factor) { return this.#answer(callbacks => this.user.sendMFACode(typed, callbacks, factor)); }
  call(method, ...args) { return new Promise((done, fail) => this.user[method](...args, (problem, result) => (problem ? fail(problem) : done(result)))); }

  #answer(start) {
    return new Promise((done, onFailure) => {
      const said = name => (...args) => done({ name, args });
      start({
        onSuccess: (session, asks) => done({ name: 'success', session, asks }), onFailure,
        ...Object.fromEntries(['newPasswordRequired', 'mfaRequired', 'totpRequired', 'mfaSetup', 'selectMFAType', 'customChallenge', 'associateSecretCode'].map(name => [name, said(name)])),
      });
    });
  }
}

const rejects = (call, name, message) => assert.rejects(call, problem => {
  assert.equal(problem.name, name, problem.stack);
  if (message) assert.equal(problem.message, message);
  return true;
});

async function house(t, settings, mfa) {
  const pool = await Pool.create(t, api, settings);
  if (mfa) await api.setUserPoolMfaConfig({ ...pool.in, ...mfa });
  return { pool, client: await pool.client({ ExplicitAuthFlows: flows }) };
}

test('A person signs up, confirms, signs in by SRP, refreshes and signs out everywhere', async t => {
  const { pool, client } = await house(t, { AutoVerifiedAttributes: ['email'] });
  const ana = new Person(pool, client, 'ana');
  const made = await new Promise((done, fail) => ana.pool.signUp(
    'ana', password, [new CognitoUserAttribute({ Name: 'email', Value: 'ana@swim.example' })], null, (problem, result) => (problem ? fail(problem) : done(result))));
  assert.equal(made.userConfirmed, false);
  await rejects(ana.signIn(), 'UserNotConfirmedException');
  await ana.call('confirmRegistration', await code('ana'), false);
  await rejects(ana.signIn('Wrong-Pass-1'), 'NotAuthorizedException', 'Incorrect username or password.');

  const { session } = await ana.signIn();
  assert.equal(claims(session.getIdToken().getJwtToken()).email, 'ana@swim.example');
  const refreshed = await ana.call('refreshSession', session.getRefreshToken());
  assert.equal(claims(refreshed.getAccessToken().getJwtToken()).origin_jti, claims(session.getAccessToken().getJwtToken()).origin_jti);
  assert.equal((await ana.call('getUserAttributes')).find(one => one.getName() === 'email').getValue(), 'ana@swim.example');
  assert.equal(await ana.call('changePassword', password, 'Dive-4-Fun'), 'SUCCESS');
  await new Promise((onSuccess, onFailure) => ana.user.globalSignOut({ onSuccess, onFailure }));
  await rejects(new Person(pool, client, 'ana').signIn(), 'NotAuthorizedException');
  assert.equal((await new Person(pool, client, 'ana').signIn('Dive-4-Fun')).name, 'success');
});

test('A temporary password is replaced on the way in', async t => {
  const { pool, client } = await house(t, { Schema: [{ Name: 'name', Required: true, Mutable: true }] });
  await api.adminCreateUser({ ...pool.in, Username: 'ana', TemporaryPassword: 'Temp-4-Fun', MessageAction: 'SUPPRESS' });
  const ana = new Person(pool, client, 'ana');
  const { name, args: [, required] } = await ana.signIn('Temp-4-Fun');
  assert.deepEqual([name, required], ['newPasswordRequired', ['name']]);
  const { session } = await ana.answer('completeNewPasswordChallenge', password, { name: 'Ana' });
  assert.equal(claims(session.getIdToken().getJwtToken()).name, 'Ana');
});

test('An authenticator app is set up where a second factor is a must, and asked for from then on', async t => {
  const { pool, client } = await house(t, {}, { MfaConfiguration: 'ON', SoftwareTokenMfaConfiguration: { Enabled: true } });
  await pool.user('ana');
  const ana = new Person(pool, client, 'ana');
  assert.equal((await ana.signIn()).name, 'mfaSetup');
  const { args: [secret] } = await ana.answer('associateSoftwareToken');
  const phone = new AuthenticatorApp(secret);
  assert.equal((await ana.answer('verifySoftwareToken', phone.code(), 'phone')).name, 'success');

  const again = new Person(pool, client, 'ana');
  assert.equal((await again.signIn()).name, 'totpRequired');
  const right = phone.code();
  await rejects(again.code(right === '000000' ? '000001' : '000000', 'SOFTWARE_TOKEN_MFA'), 'CodeMismatchException', 'Invalid code received for user');
  const { session } = await again.code(right, 'SOFTWARE_TOKEN_MFA');
  assert.ok(session.isValid());
});

test('A code by SMS is asked for, and a user with two factors chooses', async t => {
  const sms = { SnsCallerArn: 'arn:aws:iam::123456789012:role/sms' };
  const { pool, client } = await house(t, {}, { MfaConfiguration: 'OPTIONAL', SmsMfaConfiguration: { SmsConfiguration: sms }, SoftwareTokenMfaConfiguration: { Enabled: true } });
  await pool.user('ana', { phone_number: '+15550109934', phone_number_verified: 'true' });
  const ana = new Person(pool, client, 'ana');
  await ana.signIn();
  await ana.call('setUserMfaPreference', { PreferredMfa: true, Enabled: true }, null);
  const { name, args: [, parameters] } = await ana.signIn();
  assert.deepEqual([name, parameters.CODE_DELIVERY_DESTINATION], ['mfaRequired', '+*******9934']);
  const { session } = await ana.code(await code('ana'));
  assert.ok(session.isValid());

  const { args: [secret] } = await ana.answer('associateSoftwareToken');
  const phone = new AuthenticatorApp(secret);
  await ana.answer('verifySoftwareToken', phone.code(), 'phone');
  await ana.call('setUserMfaPreference', { PreferredMfa: false, Enabled: true }, { PreferredMfa: false, Enabled: true });
  const choice = await ana.signIn();
  assert.equal(choice.name, 'selectMFAType');
  assert.deepEqual(JSON.parse(choice.args[1].MFAS_CAN_CHOOSE).sort(), ['SMS_MFA', 'SOFTWARE_TOKEN_MFA']);
  assert.equal((await ana.answer('sendMFASelectionAnswer', 'SOFTWARE_TOKEN_MFA')).name, 'totpRequired');
});

test('A remembered device stands in for the second factor, and a forgotten one does not', async t => {
  const { pool, client } = await house(t, { DeviceConfiguration: { ChallengeRequiredOnNewDevice: true, DeviceOnlyRememberedOnUserPrompt: false } },
    { MfaConfiguration: 'OPTIONAL', SoftwareTokenMfaConfiguration: { Enabled: true } });
  await pool.user('ana');
  const browser = memory();
  const ana = new Person(pool, client, 'ana', browser);
  const first = await ana.signIn();
  assert.equal(first.name, 'success');
  const { args: [secret] } = await ana.answer('associateSoftwareToken');
  const phone = new AuthenticatorApp(secret);
  await ana.answer('verifySoftwareToken', phone.code(), 'phone');
  await ana.call('setUserMfaPreference', null, { PreferredMfa: true, Enabled: true });

  const here = new Person(pool, client, 'ana', browser);
  const { name, session } = await here.signIn();
  assert.equal(name, 'success');
  assert.match(claims(session.getAccessToken().getJwtToken()).device_key, /^us-east-1_/);
  assert.ok((await here.call('refreshSession', session.getRefreshToken())).isValid());
  assert.equal((await new Person(pool, client, 'ana').signIn()).name, 'totpRequired');

  await new Promise((onSuccess, onFailure) => here.user.forgetDevice({ onSuccess, onFailure }));
  await rejects(here.call('refreshSession', session.getRefreshToken()), 'NotAuthorizedException');
});

test('Custom challenges run through the functions of the pool, with the password first or without', async t => {
  const arn = name => `arn:aws:lambda:us-east-1:000000000000:function:${name}`;
  functions.define = ({ request: { session }, response }) => {
    const last = session.at(-1);
    if (last?.challengeName === 'SRP_A') response.challengeName = 'PASSWORD_VERIFIER';
    else if (last?.challengeName === 'CUSTOM_CHALLENGE') response[last.challengeResult ? 'issueTokens' : 'failAuthentication'] = true;
    else if (!last || last.challengeResult) response.challengeName = 'CUSTOM_CHALLENGE';
    else response.failAuthentication = true;
  };
  functions.create = ({ response }) => {
    response.publicChallengeParameters = { question: 'What is wet?' };
    response.privateChallengeParameters = { answer: 'water' };
  };
  functions.verify = ({ request, response }) => {
    response.answerCorrect = request.challengeAnswer === request.privateChallengeParameters.answer;
  };
  const { pool, client } = await house(t, { LambdaConfig: { DefineAuthChallenge: arn('define'), CreateAuthChallenge: arn('create'), VerifyAuthChallengeResponse: arn('verify') } });
  await pool.user('ana');
  const ana = new Person(pool, client, 'ana');
  const { name, args: [parameters] } = await ana.challenge();
  assert.deepEqual([name, parameters.question], ['customChallenge', 'What is wet?']);
  assert.equal((await ana.answer('sendCustomChallengeAnswer', 'water')).name, 'success');
  await ana.challenge();
  await rejects(ana.answer('sendCustomChallengeAnswer', 'sand'), 'NotAuthorizedException');

  assert.equal((await ana.signIn(password, true)).name, 'customChallenge');
  await rejects(new Person(pool, client, 'ana').signIn('Wrong-Pass-1', true), 'NotAuthorizedException');
});
