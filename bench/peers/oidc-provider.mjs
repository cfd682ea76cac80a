// oidc-provider with the adapter that it ships (in memory), one public client, and access tokens that are JWTs like everybody
// else's here: a refresh makes two RS256 signatures.
import { generateKeyPairSync } from 'node:crypto';
import Provider from 'oidc-provider';

const port = Number(process.env.PORT);
const key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
const hour = 3600;

new Provider(`http://localhost:${port}`, {
  jwks: { keys: [{ ...key, use: 'sig', alg: 'RS256', kid: 'bench' }] },
  cookies: { keys: ['bench'] },
  clients: [{
    client_id: 'bench',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['http://localhost:1/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
  }],
  rotateRefreshToken: () => process.env.ROTATE === '1',
  ttl: { AccessToken: hour, IdToken: hour, RefreshToken: 30 * 24 * hour, Grant: 30 * 24 * hour, Session: hour, Interaction: hour },
  features: {
    devInteractions: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:bench:api',
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'api', audience: 'urn:bench:api', accessTokenTTL: hour, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
}).listen(port, '127.0.0.1');
