// One session from sign-in to revocation, in a pool of its own: runs in `dev`, and in `serve` on both databases.
import assert from 'node:assert/strict';
import { aws, claims, Pool, refused } from '../actors.mjs';

export async function tokenLife(t, api) {
  const pool = await Pool.create(t, api);
  const client = await pool.client();
  await pool.user('ana', { email: 'ana@swim.example', email_verified: 'true' });
  const tokens = await pool.signIn(client, 'ana');
  const access = claims(tokens.AccessToken), id = claims(tokens.IdToken);
  assert.deepEqual([tokens.TokenType, tokens.ExpiresIn, access.exp - access.iat], ['Bearer', 3600, 3600]);
  assert.deepEqual([access.token_use, access.client_id, access.username, access.scope, 'aud' in access, 'version' in access],
    ['access', client.ClientId, 'ana', 'aws.cognito.signin.user.admin', false, false]);
  assert.deepEqual([id.token_use, id.aud, id['cognito:username'], id.email, id.email_verified], ['id', client.ClientId, 'ana', 'ana@swim.example', true]);
  assert.ok(access.iss.endsWith(`/${pool.UserPoolId}`));

  const fresh = await pool.refresh(client, tokens);
  assert.equal(fresh.RefreshToken, undefined);
  const later = claims(fresh.AccessToken);
  assert.deepEqual([later.auth_time, later.origin_jti, later.event_id], [access.auth_time, access.origin_jti, access.event_id]);
  assert.notEqual(later.jti, access.jti);

  await api.revokeToken({ ClientId: client.ClientId, Token: tokens.RefreshToken });
  for (const { AccessToken } of [tokens, fresh]) await refused(api.getUser({ AccessToken }), aws.NotAuthorizedException, 'Access Token has been revoked');
  await refused(pool.refresh(client, tokens), aws.NotAuthorizedException, 'Refresh Token has been revoked');
  return { pool, client };
}
