// Second factors, devices and the choice of the first factor, as an administrator and an app handle them.
import { createHash, randomBytes } from 'node:crypto';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributes, aws, Pool, password, refused } from '../actors.mjs';
import { api, code } from '../house.mjs';
import { AuthenticatorApp } from '../../actors/totp.mjs';

const sms = { SnsCallerArn: 'arn:aws:iam::123456789012:role/sms' };

test('A pool says which second factors it knows, users set theirs up, and administrators set them for others', async t => {
  const pool = await Pool.create(t, api);
  const mfa = {
    MfaConfiguration: 'OPTIONAL', SoftwareTokenMfaConfiguration: { Enabled: true }, EmailMfaConfiguration: { Message: 'Here is {####}', Subject: 'Code' },
    SmsMfaConfiguration: { SmsAuthenticationMessage: 'It is {####}', SmsConfiguration: sms },
  };
  await api.setUserPoolMfaConfig({ ...pool.in, ...mfa });
  const { $metadata, ...told } = await api.getUserPoolMfaConfig(pool.in);
  assert.deepEqual(told, mfa);

  const client = await pool.client();
  await pool.user('ana', { email: 'ana@swim.example', email_verified: 'true', phone_number: '+15550109934', phone_number_verified: 'true' });
  const { AccessToken } = await pool.signIn(client, 'ana');
  const { SecretCode } = await api.associateSoftwareToken({ AccessToken });
  await refused(api.verifySoftwareToken({ AccessToken, UserCode: '000000' }), aws.EnableSoftwareTokenMFAException, 'Code mismatch');
  const phone = new AuthenticatorApp(SecretCode);
  assert.equal((await api.verifySoftwareToken({ AccessToken, UserCode: phone.code(), FriendlyDeviceName: 'phone' })).Status, 'SUCCESS');
  await api.setUserMFAPreference({ AccessToken, SoftwareTokenMfaSettings: { Enabled: true, PreferredMfa: true } });
  assert.equal((await api.getUser({ AccessToken })).PreferredMfaSetting, 'SOFTWARE_TOKEN_MFA');

  const asked = await pool.signIn(client, 'ana');
  assert.deepEqual([asked.ChallengeName, asked.ChallengeParameters.FRIENDLY_DEVICE_NAME], ['SOFTWARE_TOKEN_MFA', 'phone']);
  const answer = { ClientId: client.ClientId, ChallengeName: asked.ChallengeName, Session: asked.Session };
  const right = phone.code();
  await refused(api.respondToAuthChallenge({ ...answer, ChallengeResponses: { USERNAME: 'ana', SOFTWARE_TOKEN_MFA_CODE: right === '000000' ? '000001' : '000000' } }), aws.CodeMismatchException);
  assert.ok((await api.respondToAuthChallenge({ ...answer, ChallengeResponses: { USERNAME: 'ana', SOFTWARE_TOKEN_MFA_CODE: right } })).AuthenticationResult);

  await api.adminSetUserMFAPreference({ ...pool.in, Username: 'ana', SoftwareTokenMfaSettings: { Enabled: false }, EmailMfaSettings: { Enabled: true, PreferredMfa: true } });
  const mail = await pool.signIn(client, 'ana');
  assert.equal(mail.ChallengeName, 'EMAIL_OTP');
  assert.ok((await api.respondToAuthChallenge({
    ClientId: client.ClientId, ChallengeName: 'EMAIL_OTP', Session: mail.Session, ChallengeResponses: { USERNAME: 'ana', EMAIL_OTP_CODE: await code('ana') },
  })).AuthenticationResult);

  const options = [{ DeliveryMedium: 'SMS', AttributeName: 'phone_number' }];
  await api.adminSetUserSettings({ ...pool.in, Username: 'ana', MFAOptions: options });
  await api.setUserSettings({ AccessToken, MFAOptions: options });
  assert.deepEqual((await api.adminGetUser({ ...pool.in, Username: 'ana' })).UserMFASettingList, ['SMS_MFA', 'EMAIL_OTP']);
  const factors = await api.getUserAuthFactors({ AccessToken });
  assert.deepEqual([factors.PreferredMfaSetting, factors.ConfiguredUserAuthFactors], ['EMAIL_OTP', ['PASSWORD', 'SOFTWARE_TOKEN']]);
  assert.deepEqual((await api.adminGetUserAuthFactors({ ...pool.in, Username: 'ana' })).ConfiguredUserAuthFactors, factors.ConfiguredUserAuthFactors);
});

test('Devices are confirmed, shown, remembered and forgotten, by users and by administrators', async t => {
  const pool = await Pool.create(t, api, { DeviceConfiguration: { ChallengeRequiredOnNewDevice: false, DeviceOnlyRememberedOnUserPrompt: true } });
  const client = await pool.client();
  await pool.user('ana');
  const { AccessToken, RefreshToken, NewDeviceMetadata: { DeviceKey, DeviceGroupKey } } = await pool.signIn(client, 'ana');
  assert.match(DeviceKey, /^us-east-1_[0-9a-f-]{36}$/);
  assert.ok(DeviceGroupKey);
  const verifier = createHash('sha512').update(randomBytes(8)).digest('base64');
  const confirmed = await api.confirmDevice({ AccessToken, DeviceKey, DeviceName: 'laptop', DeviceSecretVerifierConfig: { PasswordVerifier: verifier, Salt: randomBytes(16).toString('base64') } });
  assert.equal(confirmed.UserConfirmationNecessary, true);

  const { Device } = await api.getDevice({ AccessToken, DeviceKey });
  assert.equal(attributes(Device.DeviceAttributes).device_status, 'not_remembered');
  assert.ok(Device.DeviceCreateDate instanceof Date);
  await api.updateDeviceStatus({ AccessToken, DeviceKey, DeviceRememberedStatus: 'remembered' });
  assert.equal(attributes((await api.adminGetDevice({ ...pool.in, Username: 'ana', DeviceKey })).Device.DeviceAttributes).device_status, 'remembered');
  await api.adminUpdateDeviceStatus({ ...pool.in, Username: 'ana', DeviceKey, DeviceRememberedStatus: 'not_remembered' });
  assert.deepEqual((await api.listDevices({ AccessToken })).Devices.map(one => one.DeviceKey), [DeviceKey]);

  await refused(pool.refresh(client, { RefreshToken }), aws.NotAuthorizedException, 'Invalid Refresh Token');
  assert.ok(await pool.refresh(client, { RefreshToken }, { DeviceKey }));
  const other = await pool.signIn(client, 'ana');
  await api.adminForgetDevice({ ...pool.in, Username: 'ana', DeviceKey });
  await refused(api.getUser({ AccessToken }), aws.NotAuthorizedException, 'Access Token has been revoked');
  assert.equal((await api.adminListDevices({ ...pool.in, Username: 'ana' })).Devices.length, 1);
  await api.forgetDevice({ AccessToken: other.AccessToken, DeviceKey: other.NewDeviceMetadata.DeviceKey });
  await refused(api.getUser({ AccessToken: other.AccessToken }), aws.NotAuthorizedException);
});

test('A backend begins and ends the sign-in of its users, with the factor that they choose', async t => {
  const pool = await Pool.create(t, api, { Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD', 'EMAIL_OTP'] } } });
  const { ClientId } = await pool.client({ ExplicitAuthFlows: ['ALLOW_USER_AUTH'] });
  await pool.user('ana', { email: 'ana@swim.example', email_verified: 'true' });
  const choice = await api.adminInitiateAuth({ ...pool.in, ClientId, AuthFlow: 'USER_AUTH', AuthParameters: { USERNAME: 'ana' } });
  assert.deepEqual(choice.AvailableChallenges, ['PASSWORD', 'PASSWORD_SRP', 'EMAIL_OTP']);
  const done = await api.adminRespondToAuthChallenge({
    ...pool.in, ClientId, ChallengeName: 'SELECT_CHALLENGE', Session: choice.Session, ChallengeResponses: { USERNAME: 'ana', ANSWER: 'PASSWORD', PASSWORD: password },
  });
  assert.ok(done.AuthenticationResult.AccessToken);
});
