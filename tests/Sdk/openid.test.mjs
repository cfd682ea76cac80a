// A relying party on openid-client, which checks every rule of OpenID Connect on the way; a visitor signs in at the hosted page.
import * as oidc from 'openid-client';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { confidentialClient, demo, pool, publicClient } from '../actors/seed.mjs';
import { Visitor } from '../actors/visitor.mjs';
import { password, Pool } from './actors.mjs';
import { api, server } from './house.mjs';

const redirect = 'http://localhost:3000/callback';
const discover = (poolId, clientId, secret, method) =>
  oidc.discovery(new URL(`${server.url}/${poolId}`), clientId, secret, method, { execute: [oidc.allowInsecureRequests] });

/** Sends the visitor through the hosted pages and gives the URL at which the browser arrives at the app. */
async function arrive(visitor, url, user) {
  const origin = new URL(server.url).origin;
  let page = await visitor.open(url.href);
  if (user && page.status === 200) page = await visitor.submit(page, 'password', user);
  for (let hops = 0; hops < 5 && page.status >= 300 && page.status < 400; hops++) {
    const next = new URL(page.headers.get('location'), page.url);
    if (next.origin !== origin) return next;
    page = await visitor.go(next.href);
  }
  throw new Error(`the visitor never came back: ${page.status} at ${page.url}\n${page.html.slice(0, 1500)}`);
}

async function signIn(config, { visitor = new Visitor(), user = demo, scope = 'openid email', ...more } = {}) {
  const [pkceCodeVerifier, expectedState, expectedNonce] = [oidc.randomPKCECodeVerifier(), oidc.randomState(), oidc.randomNonce()];
  const url = oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirect, scope, state: expectedState, nonce: expectedNonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier), code_challenge_method: 'S256', ...more,
  });
  const back = await arrive(visitor, url, user);
  const checks = { pkceCodeVerifier, expectedState, expectedNonce, idTokenExpected: scope.includes('openid') };
  return { back, checks, tokens: await oidc.authorizationCodeGrant(config, back, checks) };
}

test('A public client signs in with a code and PKCE, reads the user, refreshes and revokes', async () => {
  const config = await discover(pool, publicClient.Id);
  oidc.enableNonRepudiationChecks(config); // the signature of the ID token too, with the keys of jwks_uri
  const { tokens, back, checks } = await signIn(config);
  const { sub, email, email_verified } = tokens.claims();
  assert.deepEqual([email, email_verified, tokens.expires_in, tokens.token_type], ['demo@example.com', true, 3600, 'bearer']);

  const user = await oidc.fetchUserInfo(config, tokens.access_token, sub);
  assert.deepEqual([user.username, user.email, user.email_verified], ['demo', 'demo@example.com', 'true']);
  const fresh = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.deepEqual([fresh.claims().sub, fresh.claims().auth_time, fresh.refresh_token], [sub, tokens.claims().auth_time, undefined]);
  await assert.rejects(oidc.authorizationCodeGrant(config, back, checks), { error: 'invalid_grant' });

  await oidc.tokenRevocation(config, tokens.refresh_token);
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
  await assert.rejects(oidc.fetchUserInfo(config, fresh.access_token, sub), problem => problem.cause?.status === 401 || problem.status === 401);
});

for (const [name, method] of [['Basic', oidc.ClientSecretBasic], ['the body', oidc.ClientSecretPost]]) {
  test(`A confidential client proves itself by ${name}, and introspects what it holds`, async () => {
    const config = await discover(pool, confidentialClient.Id, confidentialClient.Secret, method());
    const { tokens } = await signIn(config, { scope: 'openid api/read' });
    const live = await oidc.tokenIntrospection(config, tokens.access_token);
    assert.deepEqual([live.active, live.client_id, live.scope], [true, confidentialClient.Id, 'openid api/read']);
    await oidc.tokenRevocation(config, tokens.refresh_token);
    assert.deepEqual(await oidc.tokenIntrospection(config, tokens.access_token), { active: false });
    const wrong = await discover(pool, confidentialClient.Id, 'not-the-secret', method());
    await assert.rejects(oidc.refreshTokenGrant(wrong, tokens.refresh_token), { error: 'invalid_client' });
  });
}

test('A visitor who is signed in comes back without a page, and prompt=login asks again', async () => {
  const config = await discover(pool, publicClient.Id);
  const visitor = new Visitor();
  const first = await signIn(config, { visitor });
  const silent = await signIn(config, { visitor, user: null, prompt: 'none' });
  assert.equal(silent.tokens.claims().sub, first.tokens.claims().sub);
  await assert.rejects(signIn(config, { visitor: new Visitor(), user: null, prompt: 'none' }), { error: 'login_required' });
  await assert.rejects(signIn(config, { visitor, user: null, prompt: 'login' }), /never came back: 200/);

  const [url] = [oidc.buildEndSessionUrl(config, { logout_uri: 'http://localhost:3000' })];
  assert.equal((await arrive(visitor, url)).href, 'http://localhost:3000/');
  await assert.rejects(signIn(config, { visitor, user: null, prompt: 'none' }), { error: 'login_required' });
});

test('A rotating client gets a new refresh token each time, and the old one ends the session', async t => {
  const own = await Pool.create(t, api);
  const client = await own.client({
    RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 }, ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'], SupportedIdentityProviders: ['COGNITO'],
    CallbackURLs: [redirect], AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'], AllowedOAuthScopes: ['openid', 'email'],
  });
  await own.user('ana', { email: 'ana@swim.example' });
  const config = await discover(own.UserPoolId, client.ClientId);
  const { tokens } = await signIn(config, { user: { username: 'ana', password }, scope: 'openid' });
  const second = await oidc.refreshTokenGrant(config, tokens.refresh_token);
  assert.notEqual(second.refresh_token, tokens.refresh_token);
  await assert.rejects(oidc.refreshTokenGrant(config, tokens.refresh_token), { error: 'invalid_grant' });
  await assert.rejects(oidc.refreshTokenGrant(config, second.refresh_token), { error: 'invalid_grant' });
});

test('A machine gets a token for its scopes, and nothing else', async () => {
  const config = await discover(pool, 'poolhousemachinedemoclient', confidentialClient.Secret, oidc.ClientSecretBasic());
  const tokens = await oidc.clientCredentialsGrant(config, { scope: 'api/read' });
  assert.deepEqual(Object.keys(tokens).sort(), ['access_token', 'expires_in', 'token_type']);
  const { sub, client_id, scope } = JSON.parse(Buffer.from(tokens.access_token.split('.')[1], 'base64url'));
  assert.deepEqual([sub, client_id, scope], ['poolhousemachinedemoclient', 'poolhousemachinedemoclient', 'api/read']);
  await assert.rejects(oidc.clientCredentialsGrant(config, { scope: 'api/write' }), { error: 'invalid_scope' });
});
