// Two nodes over one PostgreSQL are one server: what is changed at one is in force at the other within a second, and what is begun at one ends at the other.
import { AuthenticationDetails, CognitoUser, CognitoUserPool } from 'amazon-cognito-identity-js';
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { certificate, startMail } from '../actors/mail.mjs';
import { accessKey, beside, createKey } from '../actors/server.mjs';
import { AuthenticatorApp } from '../actors/totp.mjs';
import { Visitor } from '../actors/visitor.mjs';
import { startNodes } from '../Faults/nodes.mjs';
import { aws, claims, Pool, sdk } from './actors.mjs';

const redirect = 'http://localhost:3000/', suffix = 'id.localhost';
const hosted = { AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'], AllowedOAuthScopes: ['openid', 'aws.cognito.signin.user.admin'], CallbackURLs: [redirect], SupportedIdentityProviders: ['COGNITO'] };
const names = (count => prefix => `${prefix}${++count}`)(0);
let mail, nodes, here, there, pool;

before(async () => {
  const cert = await certificate();
  mail = await startMail({ starttls: cert });
  nodes = await startNodes('PostgreSQL', { settings: {
    SSL_CERT_FILE: cert.cert, POOLHOUSE_Mail__From: 'no-reply@id.example.com', POOLHOUSE_Mail__Host: 'localhost', POOLHOUSE_Mail__Port: String(mail.port), POOLHOUSE_Server__DomainSuffix: suffix,
  } });
  const credentials = await createKey(nodes.list[0]);
  [here, there] = nodes.urls.map(url => sdk(url, { credentials }));
  pool = await house();
});
after(() => Promise.all([nodes?.stop(), mail?.stop()]));

/** A pool with ana in it. */
async function house(settings = {}) {
  const made = Object.assign(new Pool(), { api: here, UserPoolId: (await here.createUserPool({ PoolName: 'people', ...settings })).UserPool.Id });
  await made.user('ana', { email: 'ana@example.com', email_verified: 'true' });
  return made;
}

const elsewhere = of => Object.assign(new Pool(), of, { api: there });
const done = call => call.then(() => true, error => { if (error.$fault === 'client') return false; throw error; });
const post = (url, fields) => fetch(url, { method: 'POST', body: new URLSearchParams(fields) });
/** What the other node says of a token: true or false, or undefined to whom it does not know. */
const introspect = async ({ ClientId, ClientSecret }, jwt) => (await (await post(`${nodes.urls[1]}/oauth2/introspect`, { client_id: ClientId, client_secret: ClientSecret, token: jwt })).json()).active;

/** What is changed at one node: how, and whether the other goes by it already. */
const changes = {
  async 'the life of tokens (UpdateUserPoolClient)'() {
    const client = await pool.client(), tokens = await pool.signIn(client, 'ana');
    return {
      change: () => here.updateUserPoolClient({ ...client, CreationDate: undefined, LastModifiedDate: undefined, AccessTokenValidity: 10, TokenValidityUnits: { AccessToken: 'minutes' } }),
      seen: async () => (({ exp, iat }) => exp - iat === 600)(claims((await elsewhere(pool).refresh(client, tokens)).AccessToken)),
    };
  },
  async 'the callback URLs of a client'() {
    const { ClientId, ...client } = await pool.client({ ...hosted, ExplicitAuthFlows: undefined }), other = 'http://localhost:4000/';
    const goes = async to => (await fetch(`${nodes.urls[1]}/oauth2/authorize?${new URLSearchParams({
      response_type: 'code', client_id: ClientId, redirect_uri: to, scope: 'openid', code_challenge: 'x'.repeat(43), code_challenge_method: 'S256',
    })}`, { redirect: 'manual' })).status === 302;
    return { change: () => here.updateUserPoolClient({ ...client, CreationDate: undefined, LastModifiedDate: undefined, ClientId, CallbackURLs: [other] }), seen: async () => await goes(other) && !await goes(redirect) };
  },
  async 'a client is deleted'() {
    const client = await pool.client(), tokens = await pool.signIn(client, 'ana');
    return { change: () => here.deleteUserPoolClient({ ...pool.in, ClientId: client.ClientId }), seen: async () => !await done(elsewhere(pool).refresh(client, tokens)) && !await done(there.getUser(tokens)) };
  },
  async 'a second client secret, and the first is deleted'() {
    const client = await pool.client({ GenerateSecret: true }), of = { ...pool.in, ClientId: client.ClientId }, [first] = (await here.listUserPoolClientSecrets(of)).ClientSecrets;
    const good = async ClientSecret => await introspect({ ...client, ClientSecret }, 'any') === false;
    let second = 'none yet';
    return {
      change: async () => {
        second = (await here.addUserPoolClientSecret(of)).ClientSecretDescriptor.ClientSecretValue;
        await here.deleteUserPoolClientSecret({ ...of, ClientSecretId: first.ClientSecretId });
      },
      seen: async () => await good(second) && !await good(client.ClientSecret),
    };
  },
  async 'a user is disabled'() {
    const client = await pool.client(), user = { ...pool.in, Username: await pool.user(names('user')) }, tokens = await pool.signIn(client, user.Username);
    return { change: () => here.adminDisableUser(user), seen: async () => !await done(elsewhere(pool).refresh(client, tokens)) && !await done(there.getUser(tokens)) && !await done(elsewhere(pool).signIn(client, user.Username)) };
  },
  async 'the groups of a user'() {
    const client = await pool.client(), tokens = await pool.signIn(client, 'ana'), GroupName = names('group');
    return {
      change: async () => {
        await here.createGroup({ ...pool.in, GroupName });
        await here.adminAddUserToGroup({ ...pool.in, GroupName, Username: 'ana' });
      },
      seen: async () => claims((await elsewhere(pool).refresh(client, tokens)).AccessToken)['cognito:groups']?.includes(GroupName),
    };
  },
  async 'the settings of a pool (UpdateUserPool)'() {
    const own = await house(), client = await own.client();
    return {
      change: () => here.updateUserPool({ ...own.in, AdminCreateUserConfig: { AllowAdminCreateUserOnly: true }, AutoVerifiedAttributes: [] }),
      seen: () => there.signUp({ ClientId: client.ClientId, Username: names('newcomer'), Password: 'Swim-4-Fun' }).then(() => false, error => error instanceof aws.NotAuthorizedException),
    };
  },
  async 'a pool is deleted'() {
    const own = await house(), client = await own.client(), tokens = await own.signIn(client, 'ana');
    return { change: () => here.deleteUserPool(own.in), seen: async () => !await done(there.getUser(tokens)) && (await fetch(`${nodes.urls[1]}/${own.UserPoolId}/.well-known/jwks.json`)).status === 404 };
  },
  async 'a domain moves to another pool'() {
    const [Domain, first, second] = [names('swim'), await house(), await house()], client = await second.client(hosted);
    const path = `/oauth2/authorize?${new URLSearchParams({ response_type: 'code', client_id: client.ClientId, redirect_uri: redirect, scope: 'openid', code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' })}`;
    await here.createUserPoolDomain({ ...first.in, Domain });
    return {
      change: async () => {
        await here.deleteUserPoolDomain({ ...first.in, Domain });
        await here.createUserPoolDomain({ ...second.in, Domain });
      },
      seen: () => new Promise((told, fail) => request({ host: '127.0.0.1', port: nodes.list[1].port, path, headers: { host: `${Domain}.${suffix}` } }, reply => told(reply.resume().statusCode === 302)).on('error', fail).end()),
    };
  },
  async 'new signing keys'() {
    const own = await house(), client = await own.client(), tokens = await own.signIn(client, 'ana');
    const kid = jwt => JSON.parse(Buffer.from(jwt.split('.')[0], 'base64url')).kid;
    return {
      change: () => beside(nodes.list[0], 'keys', 'rotate', '--pool', own.UserPoolId, '--ahead', '0'),
      seen: async () => kid((await elsewhere(own).refresh(client, tokens)).AccessToken) !== kid(tokens.AccessToken) && (await (await fetch(`${nodes.urls[1]}/${own.UserPoolId}/.well-known/jwks.json`)).json()).keys.length === 4,
    };
  },
  async 'signing keys are withdrawn'() {
    const own = await house(), client = await own.client(), tokens = await own.signIn(client, 'ana');
    return { change: () => beside(nodes.list[0], 'keys', 'rotate', '--pool', own.UserPoolId, '--withdraw'), seen: async () => !await done(there.getUser(tokens)) };
  },
  async 'an access key, and it is deleted'() {
    let one, is;
    const able = credentials => done(sdk(nodes.urls[1], { credentials }).listUserPools({ MaxResults: 1 }));
    return {
      change: async () => {
        one = await createKey(nodes.list[0]);
        is = await able(one);
        await accessKey(nodes.list[0], 'delete', one.accessKeyId);
      },
      seen: async () => is && !await able(one),
    };
  },
  async 'a session is revoked'() {
    const client = await pool.client({ GenerateSecret: true }), tokens = await pool.signIn(client, 'ana');
    return {
      change: () => here.revokeToken({ ClientId: client.ClientId, ClientSecret: client.ClientSecret, Token: tokens.RefreshToken }),
      seen: async () => await introspect(client, tokens.AccessToken) === false && await introspect(client, tokens.RefreshToken) === false && !await done(there.getUser(tokens))
        && !await done(elsewhere(pool).refresh(client, tokens, { ClientSecret: client.ClientSecret })),
    };
  },
  async 'a user signs out everywhere'() {
    const client = await pool.client(), Username = await pool.user(names('user')), tokens = await pool.signIn(client, Username);
    return { change: () => here.globalSignOut({ AccessToken: tokens.AccessToken }), seen: async () => !await done(there.getUser(tokens)) && !await done(elsewhere(pool).refresh(client, tokens)) };
  },
};

/** Whoever asked later than so many milliseconds after the change was answered has got the new answer; 0 if everybody did. */
async function delay({ change, seen }) {
  assert.ok(!await seen(), 'it was so before');
  await change();
  const answered = performance.now();
  let old = answered;
  for (let right = 0; right < 3; await pause(20)) {
    const asked = performance.now();
    if (await seen()) right++; else [old, right] = [asked, 0];
    assert.ok(asked - answered < 4000, 'the other node never hears of it');
  }
  return old - answered;
}

const deafen = () => nodes.postgres.sql("select count(pg_terminate_backend(pid)) from pg_stat_activity where query = 'listen poolhouse'");

/** A sabotage: no change is recorded, and none is told. The rows themselves are as they should be. */
const silence = () => nodes.postgres.sql(`create function nothing() returns trigger language plpgsql as $$ begin return null; end $$;
  create function same() returns trigger language plpgsql as $$ begin return old; end $$;
  create trigger silent before insert on changes for each row execute function nothing();
  create trigger silent before update on change_head for each row execute function same()`);

for (const told of [true, false])
  test(`What is changed at one node is in force at the other within a second, ${told ? 'which is told of it' : 'also if it is not told'}`, async t => {
    if (process.env.FAULTS_SABOTAGE === 'silent-nodes') await silence().catch(() => {});
    for (const [what, begin] of Object.entries(changes)) await t.test(what, async t => {
      const { change, seen } = await begin();
      const took = await delay({ seen, change: async () => { if (!told) await deafen(); await change(); } });
      t.diagnostic(`the last old answer was asked for ${took.toFixed(0)} ms after the change`);
      assert.ok(took <= 1000, `${took} ms`);
    });
  });

/** Calls the nodes in turn, whatever address was asked for: as behind a proxy that knows no sessions. */
const turns = (count => () => nodes.urls[count++ % 2])(0);
class Swimmer extends Visitor {
  async go(url, init) { return { ...await super.go(url.startsWith(nodes.urls[0]) ? turns() + url.slice(nodes.urls[0].length) : url, init), url }; }
}

test('A sign-in by SRP that begins at one node ends at the other', async () => {
  const client = await pool.client({ ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] });
  for (let round = 0; round < 2; round++) {
    const app = new CognitoUserPool({ UserPoolId: pool.UserPoolId, ClientId: client.ClientId, endpoint: 'set below', Storage: new Map() }), asked = [];
    app.storage = { getItem: () => null, setItem() {}, removeItem() {} };
    Object.defineProperty(app.client, 'endpoint', { get: () => asked[asked.push(nodes.urls[(asked.length + round) % 2]) - 1] });
    const user = new CognitoUser({ Username: 'ana', Pool: app, Storage: app.storage });
    const session = await new Promise((onSuccess, onFailure) => user.authenticateUser(new AuthenticationDetails({ Username: 'ana', Password: 'Swim-4-Fun' }), { onSuccess, onFailure }));
    assert.equal(claims(session.getAccessToken().getJwtToken()).username, 'ana');
    assert.equal(new Set(asked).size, 2);
  }
});

test('A second factor that is set up and asked for goes from node to node, and a session string is used once', async () => {
  const own = await house(), client = await own.client(), of = { ClientId: client.ClientId };
  await here.setUserPoolMfaConfig({ ...own.in, MfaConfiguration: 'ON', SoftwareTokenMfaConfiguration: { Enabled: true } });
  const setup = await elsewhere(own).signIn(client, 'ana');
  assert.equal(setup.ChallengeName, 'MFA_SETUP');
  const { SecretCode, Session } = await here.associateSoftwareToken({ Session: setup.Session }), phone = new AuthenticatorApp(SecretCode);
  const verified = await there.verifySoftwareToken({ Session, UserCode: phone.code() });
  const first = await here.respondToAuthChallenge({ ...of, ChallengeName: 'MFA_SETUP', Session: verified.Session, ChallengeResponses: { USERNAME: 'ana' } });
  assert.ok(first.AuthenticationResult.AccessToken);

  const { ChallengeName, Session: asked } = await own.signIn(client, 'ana'), code = phone.code();
  assert.equal(ChallengeName, 'SOFTWARE_TOKEN_MFA');
  const answer = { ...of, ChallengeName, Session: asked, ChallengeResponses: { USERNAME: 'ana', SOFTWARE_TOKEN_MFA_CODE: code } };
  const both = await Promise.all([here, there, here, there].map(api => done(api.respondToAuthChallenge(answer))));
  assert.equal(both.filter(Boolean).length, 1);
});

test('The pages lead from node to node to a code, which one of them takes, once', async () => {
  const app = await pool.client({ ...hosted, ExplicitAuthFlows: undefined }), client = { Id: app.ClientId, CallbackURLs: app.CallbackURLs };
  const form = await Object.assign(new Swimmer(), { token: (_, asked) => asked }).signIn({ url: nodes.urls[0] }, { client, user: { username: 'ana', password: 'Swim-4-Fun' } });
  const replies = await Promise.all([0, 1, 0, 1].map(node => post(`${nodes.urls[node]}/oauth2/token`, form)));
  assert.deepEqual(replies.map(reply => reply.status).sort(), [200, 400, 400, 400]);
});

test('Guesses at a password are counted together, and whoever waits for the lock may come in at either', async () => {
  const client = await pool.client(), name = await pool.user(names('guessed'));
  for (let guess = 0; guess < 5; guess++) assert.ok(!await done((guess % 2 ? pool : elsewhere(pool)).signIn(client, name, 'Wrong-4-Fun')));
  await Promise.all([pool, elsewhere(pool)].map(at => assert.rejects(at.signIn(client, name), /attempts exceeded/)));
  for (const deadline = Date.now() + 10_000; !await done(elsewhere(pool).signIn(client, name)); await pause(200)) assert.ok(Date.now() < deadline, 'the lock does not end');
});

test('A message that one of them has to send is sent once, and its code is taken by the other', async () => {
  const client = await pool.client(), people = await Promise.all(Array.from({ length: 12 }, () => {
    const name = names('writer');
    return pool.user(name, { email: `${name}@example.com`, email_verified: 'true' });
  }));
  await Promise.all(people.map((Username, number) => (number % 2 ? here : there).forgotPassword({ ClientId: client.ClientId, Username })));
  for (const deadline = Date.now() + 30_000; await beside(nodes.list[0], 'messages', 'list') !== 'Nothing waits.\n'; await pause(100)) assert.ok(Date.now() < deadline, 'messages wait');
  for (const [number, Username] of people.entries()) {
    const got = mail.messages.filter(({ to }) => to.includes(`${Username}@example.com`));
    assert.equal(got.length, 1, Username);
    await (number % 2 ? there : here).confirmForgotPassword({ ClientId: client.ClientId, Username, Password: 'Dive-4-Fun', ConfirmationCode: got[0].body.match(/\d{6}/)[0] });
  }
});
