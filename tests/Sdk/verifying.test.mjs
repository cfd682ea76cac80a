// What an API puts in front of its routes today: aws-jwt-verify and jose, on our tokens and our keys.
import { CognitoJwtVerifier, JwtRsaVerifier } from 'aws-jwt-verify';
import * as refusals from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listed, password, Pool } from './actors.mjs';
import { api, server } from './house.mjs';

/** The library's own fetcher speaks https only; this one fetches from a server on the loopback interface. */
const plainHttp = { fetch: async uri => {
  const reply = await fetch(uri);
  assert.equal(reply.status, 200);
  assert.match(reply.headers.get('content-type'), /^application\/json/);
  return reply.arrayBuffer();
} };

/** The token with one character of its payload or signature changed. */
const tampered = (jwt, part) => jwt.split('.').map((text, i) => (i === part ? text.slice(0, 9) + (text[9] === 'A' ? 'B' : 'A') + text.slice(10) : text)).join('.');

async function session(t, settings) {
  const pool = await Pool.create(t, api, settings);
  const client = await pool.client();
  await pool.user('ana', { email: 'ana@swim.example' });
  const issuer = `${server.url}/${pool.UserPoolId}`;
  const discovery = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  return { pool, client, issuer, discovery, ...await pool.signIn(client, 'ana') };
}

test('aws-jwt-verify takes both tokens with the keys that discovery names, and refuses what is not meant', async t => {
  const { client, issuer, discovery, IdToken, AccessToken } = await session(t);
  assert.equal(discovery.issuer, issuer);
  const verifier = JwtRsaVerifier.create({ issuer, jwksUri: discovery.jwks_uri, audience: null }, { jwksCache: new SimpleJwksCache({ fetcher: plainHttp }) });
  assert.equal((await verifier.verify(IdToken, { audience: client.ClientId })).email, 'ana@swim.example');
  assert.equal((await verifier.verify(AccessToken)).client_id, client.ClientId);

  await assert.rejects(verifier.verify(IdToken, { audience: 'another' }), refusals.JwtInvalidAudienceError);
  for (const jwt of [IdToken, AccessToken]) {
    await assert.rejects(verifier.verify(tampered(jwt, 2)), refusals.JwtInvalidSignatureError);
    await assert.rejects(verifier.verify(tampered(jwt, 1)));
  }
});

test('A pool with the issuer of AWS passes the verifier that is made for Cognito, unchanged', async t => {
  const { pool, client, discovery, IdToken, AccessToken } = await session(t, { UserPoolTags: { 'poolhouse:Issuer': 'aws' } });
  assert.equal(discovery.issuer, `https://cognito-idp.us-east-1.amazonaws.com/${pool.UserPoolId}`);
  const verifier = CognitoJwtVerifier.create({ userPoolId: pool.UserPoolId, clientId: client.ClientId, tokenUse: null });
  verifier.cacheJwks(await (await fetch(discovery.jwks_uri)).json());
  assert.equal((await verifier.verify(AccessToken, { tokenUse: 'access' })).username, 'ana');
  assert.equal((await verifier.verify(IdToken, { tokenUse: 'id' }))['cognito:username'], 'ana');

  await assert.rejects(verifier.verify(AccessToken, { tokenUse: 'id' }), refusals.CognitoJwtInvalidTokenUseError);
  for (const jwt of [IdToken, AccessToken]) {
    await assert.rejects(verifier.verify(jwt, { clientId: 'another' }), refusals.CognitoJwtInvalidClientIdError);
    await assert.rejects(verifier.verify(jwt, { groups: ['coaches'] }), refusals.CognitoJwtInvalidGroupError);
    await assert.rejects(verifier.verify(tampered(jwt, 2)), refusals.JwtInvalidSignatureError);
  }
  const other = await session(t, { UserPoolTags: { 'poolhouse:Issuer': 'aws' } });
  await assert.rejects(verifier.verify(other.AccessToken), /issuer not configured/);
});

test('jose verifies both tokens from the JWKS, each under a key of its own', async t => {
  const { client, issuer, discovery, IdToken, AccessToken } = await session(t);
  const keys = createRemoteJWKSet(new URL(discovery.jwks_uri));
  const { payload, protectedHeader } = await jwtVerify(IdToken, keys, { issuer, audience: client.ClientId, algorithms: ['RS256'] });
  assert.equal(payload['cognito:username'], 'ana');
  assert.deepEqual(Object.keys(protectedHeader).sort(), ['alg', 'kid']);
  await jwtVerify(AccessToken, keys, { issuer, algorithms: ['RS256'] });
  assert.notEqual(decodeProtectedHeader(IdToken).kid, decodeProtectedHeader(AccessToken).kid);
  await assert.rejects(jwtVerify(tampered(IdToken, 2), keys, { issuer }), { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
  await assert.rejects(jwtVerify(IdToken, keys, { issuer: `${issuer}/` }), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED' });

  const other = await session(t);
  await assert.rejects(jwtVerify(other.IdToken, keys), { code: 'ERR_JWKS_NO_MATCHING_KEY' });
});

test('A refreshed token shows new attributes to its verifier', async t => {
  const { pool, client, issuer, discovery, RefreshToken } = await session(t);
  await api.adminUpdateUserAttributes({ ...pool.in, Username: 'ana', UserAttributes: listed({ email: 'new@swim.example', email_verified: 'true' }) });
  await api.adminSetUserPassword({ ...pool.in, Username: 'ana', Password: `${password}!`, Permanent: true });
  const { IdToken } = await pool.refresh(client, { RefreshToken });
  const { payload } = await jwtVerify(IdToken, createRemoteJWKSet(new URL(discovery.jwks_uri)), { issuer, audience: client.ClientId });
  assert.deepEqual([payload.email, payload.email_verified], ['new@swim.example', true]);
});
