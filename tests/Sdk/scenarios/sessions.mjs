// Sessions: refresh, rotation, revocation, sign-out, and passwords that change meanwhile.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aws, claims, password, Pool, refused } from '../actors.mjs';
import { api } from '../house.mjs';
import { tokenLife } from './token-life.mjs';

const rotating = { RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 60 }, ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] };

async function session(t, settings) {
  const pool = await Pool.create(t, api);
  const client = await pool.client(settings);
  await pool.user('ana');
  return { pool, client, tokens: await pool.signIn(client, 'ana') };
}

test('A session yields tokens, refreshes, and dies with its refresh token', t => tokenLife(t, api));

test('Both ways to begin a sign-in refresh too, without a new refresh token', async t => {
  const { pool, client, tokens } = await session(t);
  const AuthParameters = { REFRESH_TOKEN: tokens.RefreshToken };
  for (const AuthFlow of ['REFRESH_TOKEN_AUTH', 'REFRESH_TOKEN']) {
    const replies = [
      await api.initiateAuth({ ClientId: client.ClientId, AuthFlow, AuthParameters }),
      await api.adminInitiateAuth({ ...pool.in, ClientId: client.ClientId, AuthFlow, AuthParameters }),
    ];
    for (const { AuthenticationResult } of replies) {
      assert.equal(AuthenticationResult.RefreshToken, undefined);
      assert.equal(claims(AuthenticationResult.IdToken).origin_jti, claims(tokens.IdToken).origin_jti);
    }
  }
});

test('Rotation gives twenty tabs the same successor, again within the grace, and ends the family on reuse', async t => {
  const { pool, client, tokens } = await session(t, rotating);
  const tabs = await Promise.all(Array.from({ length: 20 }, () => pool.refresh(client, tokens)));
  const [second] = tabs;
  assert.notEqual(second.RefreshToken, tokens.RefreshToken);
  tabs.push(await pool.refresh(client, tokens));
  assert.deepEqual(new Set(tabs.map(one => one.RefreshToken)), new Set([second.RefreshToken]));

  const third = await pool.refresh(client, second);
  await refused(pool.refresh(client, tokens), aws.RefreshTokenReuseException);
  await refused(pool.refresh(client, third), aws.NotAuthorizedException, 'Refresh Token has been revoked');
  await refused(api.getUser({ AccessToken: third.AccessToken }), aws.NotAuthorizedException, 'Access Token has been revoked');
});

test('A rotating client does not refresh through InitiateAuth, and nothing is spent by trying', async t => {
  const { pool, client, tokens } = await session(t, rotating);
  await refused(api.initiateAuth({ ClientId: client.ClientId, AuthFlow: 'REFRESH_TOKEN_AUTH', AuthParameters: { REFRESH_TOKEN: tokens.RefreshToken } }),
    aws.InvalidParameterException, 'REFRESH_TOKEN_AUTH flow not enabled for this client');
  assert.ok((await pool.refresh(client, tokens)).RefreshToken);
});

test('A refresh token serves its own client only', async t => {
  const { pool, tokens } = await session(t);
  const other = await pool.client();
  await refused(pool.refresh(other, tokens), aws.NotAuthorizedException, 'Invalid Refresh Token');
  await refused(pool.refresh(other, { RefreshToken: 'not-a-refresh-token' }), aws.NotAuthorizedException, 'Invalid Refresh Token');
});

test('The sessions of a deleted client are dead', async t => {
  const { pool, client, tokens } = await session(t);
  await api.deleteUserPoolClient({ ...pool.in, ClientId: client.ClientId });
  await refused(pool.refresh(client, tokens), aws.ResourceNotFoundException, `User pool client ${client.ClientId} does not exist.`);
  await refused(api.getUser({ AccessToken: tokens.AccessToken }), aws.CognitoIdentityProviderServiceException);
  assert.ok((await pool.signIn(await pool.client(), 'ana')).AccessToken);
});

test('Revocation takes refresh tokens of the client that asks, as often as it likes, where it is enabled', async t => {
  const { pool, client, tokens } = await session(t);
  const [off, confidential] = [await pool.client({ EnableTokenRevocation: false }), await pool.client({ GenerateSecret: true })];
  const revoke = ({ ClientId }, Token, also) => api.revokeToken({ ClientId, Token, ...also });
  await refused(revoke(client, tokens.AccessToken), aws.UnsupportedTokenTypeException);
  await refused(revoke(confidential, tokens.RefreshToken), aws.UnauthorizedException);
  await refused(revoke(confidential, tokens.RefreshToken, { ClientSecret: confidential.ClientSecret }), aws.UnauthorizedException);
  await refused(revoke({ ClientId: 'nosuchclient' }, tokens.RefreshToken), aws.UnauthorizedException);
  const unmarked = await pool.signIn(off, 'ana');
  assert.equal('origin_jti' in claims(unmarked.AccessToken), false);
  await refused(revoke(off, unmarked.RefreshToken), aws.UnsupportedOperationException);

  assert.ok((await pool.refresh(client, tokens)).AccessToken);
  for (const _ of [1, 2]) await revoke(client, tokens.RefreshToken);
  await refused(pool.refresh(client, tokens), aws.NotAuthorizedException);
});

test('A sign-out ends every session of its user, and no other', async t => {
  const { pool, client, tokens } = await session(t);
  await pool.user('ben');
  const [second, ben] = [await pool.signIn(client, 'ana'), await pool.signIn(client, 'ben')];
  await api.globalSignOut({ AccessToken: tokens.AccessToken });
  for (const one of [tokens, second]) {
    await refused(api.getUser({ AccessToken: one.AccessToken }), aws.NotAuthorizedException, 'Access Token has been revoked');
    await refused(pool.refresh(client, one), aws.NotAuthorizedException);
  }
  await refused(api.globalSignOut({ AccessToken: tokens.AccessToken }), aws.NotAuthorizedException);
  assert.equal((await api.getUser({ AccessToken: ben.AccessToken })).Username, 'ben');
});

test('Users change their passwords, and their sessions live on', async t => {
  const { pool, client, tokens } = await session(t);
  const change = (PreviousPassword, ProposedPassword) => api.changePassword({ AccessToken: tokens.AccessToken, PreviousPassword, ProposedPassword });
  await refused(change('Wrong-Pass-1', 'Other-Pass-1'), aws.NotAuthorizedException, 'Incorrect username or password.');
  await refused(change(password, 'short'), aws.InvalidPasswordException);
  await change(password, 'Other-Pass-1');
  await refused(pool.signIn(client, 'ana'), aws.NotAuthorizedException);
  assert.ok((await pool.signIn(client, 'ana', 'Other-Pass-1')).AccessToken);
  assert.ok((await pool.refresh(client, tokens)).AccessToken);
});
