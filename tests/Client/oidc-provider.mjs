// oidc-provider, which nobody here has written, with one client.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';
import { freePort } from '../actors/server.mjs';

/** Starts it for a client of the code flow; refresh tokens rotate, and one that is used twice ends the grant at once. */
export async function startOidcProvider(client, more) {
  const issuer = `http://localhost:${await freePort()}`;
  const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const provider = new Provider(issuer, {
    jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: 'one' }] },
    cookies: { keys: ['tests'] },
    clients: [{ grant_types: ['authorization_code', 'refresh_token'], response_types: ['code'], ...client }],
    clientBasedCORS: () => true,
    rotateRefreshToken: true,
    features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
    ...more,
  });
  const server = createServer(provider.callback());
  await new Promise(done => server.listen(new URL(issuer).port, 'localhost', done));
  return {
    issuer,
    /** Signs in at its pages and agrees. */
    async fillIn(page) {
      await page.fill('input[name=login]', 'ana');
      await page.fill('input[name=password]', 'any');
      await page.click('button[type=submit]');
      await page.click('text=Continue');
    },
    stop: () => new Promise(done => { server.closeAllConnections(); server.close(done); }),
  };
}
