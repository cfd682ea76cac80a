// One user pool on `poolhouse serve`, and what its app clients ask of it. A reply that never came has the status 0.
import { administrator } from '../../bench/race/nodes.mjs';
import { program } from '../actors/server.mjs';

const password = 'Swim-4-Fun';
const redirect = 'http://localhost:3000/';

async function ask(url, init) {
  try {
    const reply = await fetch(url, { method: 'POST', signal: AbortSignal.timeout(40_000), redirect: 'manual', ...init });
    const text = await reply.text();
    return { status: reply.status, retryAfter: reply.headers.get('retry-after'), ...(text.startsWith('{') ? JSON.parse(text) : {}) };
  } catch {
    return { status: 0 };
  }
}

const form = (url, path, fields) => ask(`${url}${path}`, { body: new URLSearchParams(fields) });

/** One unsigned call of the JSON API. */
export const call = (url, operation, input) => ask(url, {
  body: JSON.stringify(input),
  headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AWSCognitoIdentityProviderService.${operation}` },
});

/** An app client as its app sees it. */
export class App {
  constructor(pool, { ClientId, ClientSecret, CallbackURLs }) {
    this.pool = pool;
    this.id = ClientId;
    this.Id = ClientId;      // by this name the visitor of tests/actors knows it
    this.secret = ClientSecret;
    this.CallbackURLs = CallbackURLs;
  }

  get #proof() { return { client_id: this.id, ...(this.secret && { client_secret: this.secret }) }; }

  signIn = (url, person, typed = person.password) => call(url, 'InitiateAuth', {
    ClientId: this.id, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: person.username, PASSWORD: typed },
  });

  token = (url, fields) => form(url, '/oauth2/token', { ...this.#proof, ...fields });
  refresh = (url, token) => this.token(url, { grant_type: 'refresh_token', refresh_token: token });
  revoke = (url, token) => form(url, '/oauth2/revoke', { ...this.#proof, token });
}

/** What a node says of itself. */
export const ready = url => fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) }).then(reply => reply.status, () => 0);

/** Whether an access token is still worth something, by asking who its user is. */
export async function isGood(url, token) {
  const reply = await call(url, 'GetUser', { AccessToken: token });
  if (reply.status !== 200 && reply.__type !== 'NotAuthorizedException') throw new Error(`GetUser: ${JSON.stringify(reply)}`);
  return reply.status === 200;
}

export const claims = jwt => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));

/** What was turned away because there is too much to do; SDKs try it again. */
export const isTooMuch = reply => reply.status === 400 && reply.__type === 'TooManyRequestsException';

/** What was refused because the session had been revoked. */
export const isRevoked = reply => reply.status === 400 && reply.error === 'invalid_grant' && /has been revoked/.test(reply.error_description);

/** Makes a pool with people in it, through the signed calls of an administrator; `app` makes its app clients. */
export async function settle(node, { people = 4, command = program() } = {}) {
  const admin = await administrator(node, command);
  const { UserPool: { Id: UserPoolId } } = await admin('CreateUserPool', { PoolName: 'Faults' });
  const pool = {
    id: UserPoolId, admin, people: [],
    /** A public client that rotates its refresh tokens, with a grace in seconds; with `grace` null it keeps them. */
    async app({ grace = 60, ...settings } = {}) {
      const { UserPoolClient } = await admin('CreateUserPoolClient', {
        UserPoolId, ClientName: 'app', SupportedIdentityProviders: ['COGNITO'], ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
        AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'], AllowedOAuthScopes: ['openid'], CallbackURLs: [redirect],
        ...(grace !== null && { RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: grace } }), ...settings,
      });
      return new App(pool, UserPoolClient);
    },
    async person(username) {
      await admin('AdminCreateUser', { UserPoolId, Username: username, MessageAction: 'SUPPRESS' });
      await admin('AdminSetUserPassword', { UserPoolId, Username: username, Password: password, Permanent: true });
      pool.people.push({ username, password });
      return pool.people.at(-1);
    },
    /** A confidential client that may read the revocation feed, and its token. */
    async reader() {
      const app = await pool.app({
        grace: null, GenerateSecret: true, ExplicitAuthFlows: [], AllowedOAuthFlows: ['client_credentials'], AllowedOAuthScopes: ['poolhouse/revocations.read'], CallbackURLs: [],
      });
      return url => app.token(url, { grant_type: 'client_credentials', scope: 'poolhouse/revocations.read' }).then(reply => reply.access_token);
    },
  };
  // The first who asks for the signing keys waits until they are made.
  await fetch(`${node.url}/${UserPoolId}/.well-known/jwks.json`);
  for (let number = 0; number < people; number++) await pool.person(`person${number}`);
  return pool;
}
