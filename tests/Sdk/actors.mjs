// Who takes part in the scenarios: one development server, applications and administrators on the AWS SDK, an inbox.
import * as aws from '@aws-sdk/client-cognito-identity-provider';
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after } from 'node:test';
import { startServer } from '../actors/server.mjs';

export { aws };

/** The operations that have succeeded through the SDK in this process. */
export const done = new Set();

/** A client of the SDK; what it calls with success is written down. */
export function sdk(endpoint, { region = 'us-east-1', credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'any-secret-passes-in-dev' } } = {}) {
  const client = new aws.CognitoIdentityProvider({ endpoint, region, credentials, maxAttempts: 1 });
  client.middlewareStack.add((next, context) => async args => {
    const reply = await next(args);
    done.add(context.commandName.replace(/Command$/, ''));
    return reply;
  }, { step: 'initialize', name: 'written-down' });
  return client;
}

/** Holds that a call is refused with this class of the SDK, and with this message if one is given. */
export const refused = (call, type, message) => assert.rejects(call, error => {
  assert.ok(error instanceof type, `${error.name}: ${error.message}\n${error.stack}`);
  assert.equal(error.$fault, 'client');
  assert.equal(error.$metadata.httpStatusCode, 400);
  if (typeof message === 'string') assert.equal(error.message, message);
  else if (message) assert.match(error.message, message);
  return true;
});

/** The proof of a confidential client that it may speak for a user. */
export const secretHash = (client, username) =>
  createHmac('sha256', client.ClientSecret).update(username + client.ClientId).digest('base64');

/** All items that a paginator yields, and how many pages they came on. */
export async function pages(paginator, member) {
  const items = [];
  let count = 0;
  for await (const page of paginator) {
    items.push(...page[member]);
    count++;
  }
  return { items, count };
}

export const claims = jwt => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));
export const attributes = list => Object.fromEntries(list.map(({ Name, Value }) => [Name, Value]));
export const listed = object => Object.entries(object).map(([Name, Value]) => ({ Name, Value }));
export const password = 'Swim-4-Fun';

/** A pool and what happens in it. */
export class Pool {
  static async create(t, api, settings = {}) {
    const { UserPool } = await api.createUserPool({ PoolName: t.name.slice(0, 40).replaceAll(/[^\w ]/g, ''), ...settings });
    t.after(() => api.deleteUserPool({ UserPoolId: UserPool.Id }).catch(problem => {
      if (!(problem instanceof aws.ResourceNotFoundException)) throw problem;
    }));
    return Object.assign(new Pool(), { api, UserPoolId: UserPool.Id, description: UserPool });
  }

  get in() { return { UserPoolId: this.UserPoolId }; }

  async client(settings = {}) {
    const { UserPoolClient } = await this.api.createUserPoolClient({
      ...this.in, ClientName: 'app', ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_ADMIN_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'], ...settings,
    });
    return UserPoolClient;
  }

  /** A user who has chosen the password; gives the user name. */
  async user(Username, given = {}) {
    const { User } = await this.api.adminCreateUser({ ...this.in, Username, MessageAction: 'SUPPRESS', UserAttributes: listed(given) });
    await this.api.adminSetUserPassword({ ...this.in, Username, Password: password, Permanent: true });
    return User.Username;
  }

  signIn(client, username, secret = password) {
    const hash = client.ClientSecret ? { SECRET_HASH: secretHash(client, username) } : {};
    return this.api.initiateAuth({
      ClientId: client.ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: username, PASSWORD: secret, ...hash },
    }).then(reply => reply.AuthenticationResult ?? reply);
  }

  refresh(client, tokens, also = {}) {
    return this.api.getTokensFromRefreshToken({ ClientId: client.ClientId, RefreshToken: tokens.RefreshToken, ...also })
      .then(reply => reply.AuthenticationResult);
  }
}

/** A development server for the tests of this process. */
export async function development(settings) {
  const server = await startServer(settings);
  after(() => server.stop());
  const api = sdk(server.url);

  /** The newest message to a user, an address or a number. */
  async function message(to) {
    const reply = await fetch(`${server.url}/dev/inbox?username=${encodeURIComponent(to)}`, { headers: { accept: 'application/json' } });
    const [newest] = await reply.json();
    assert.ok(newest, `nothing was sent to ${to}`);
    return newest;
  }
  return { server, api, message, code: async to => (await message(to)).code };
}
