// An app on an origin of its own, under a strict policy; a server whose tokens live for seconds; people with tabs; and an API.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startServer, temporary } from '../actors/server.mjs';
import { Visitor } from '../actors/visitor.mjs';
import { closed, eventually, startBrowser } from '../Browser/actors.mjs';

export { eventually, pause };
export const pool = 'us-east-1_Tabs';
/** Two people, so that one can be signed out everywhere. */
export const ana = { username: 'ana', password: 'Swim-4-Fun' }, ben = { username: 'ben', password: 'Swim-4-Speed' };
const sources = new URL('../../client/src/', import.meta.url);

async function listen(handle, name = 'localhost') {
  const host = createServer(handle);
  await new Promise(done => host.listen(0, name, done));
  const stop = () => new Promise(done => { host.closeAllConnections(); host.close(done); });
  return { origin: `http://${name}:${host.address().port}`, stop };
}

/**
 * The pages of the apps: /<client>/anything. Nothing but their own scripts runs, and no string becomes code or markup.
 * What `more` answers it answers; it gives true for that. `tampered` has, by client, what changes its next answer on the way.
 */
export async function startApp({ modules = sources, more = () => false, host } = {}) {
  const options = new Map(), tampered = new Map();
  const app = await listen(async (request, reply) => {
    if (await more(request, reply)) return;
    const { pathname: path, searchParams } = new URL(request.url, 'http://app');
    const [, first, name] = path.split('/');
    if (tampered.has(first) && searchParams.has('state')) {
      tampered.get(first)(searchParams);
      tampered.delete(first);
      return reply.writeHead(302, { location: `${path}?${searchParams}` }).end();
    }
    if (first === 'options') return reply.setHeader('content-type', 'application/json').end(JSON.stringify(options.get(name)));
    const script = first === 'client' ? new URL(name, modules) : path === '/app.js' ? new URL('app.js', import.meta.url) : undefined;
    if (script) return reply.setHeader('content-type', 'text/javascript').end(await readFile(script));
    reply.setHeader('content-security-policy', `default-src 'none'; script-src 'self'; connect-src http: https:; require-trusted-types-for 'script'; trusted-types 'none'`);
    reply.setHeader('content-type', 'text/html').end('<!doctype html><title>app</title><script type="module" src="/app.js"></script>');
  }, host);
  return Object.assign(app, { options, tampered });
}

/** The secret of every backend. */
export const secret = 'poolhouse0tests0secret0known0to0everybody0never0use0';

// A `backend` is where a confidential client has its endpoints; any other client is a page of the app.
const client = (origin, { id, access = 3600, refresh = 86_400, grace, backend }) => ({
  Id: id, ...(backend && { Secret: secret }),
  CreateUserPoolClient: {
    UserPoolId: pool, ClientName: id, SupportedIdentityProviders: ['COGNITO'], ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
    AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'], AllowedOAuthScopes: ['openid', 'email'],
    ...(backend ? { GenerateSecret: true, CallbackURLs: [`${backend}/bff/callback`], LogoutURLs: [`${backend}/bff/signed-out`] }
      : { CallbackURLs: [`${origin}/${id}/back`], LogoutURLs: [`${origin}/${id}/bye`] }),
    AccessTokenValidity: access, IdTokenValidity: access, RefreshTokenValidity: refresh,
    TokenValidityUnits: { AccessToken: 'seconds', IdToken: 'seconds', RefreshToken: 'seconds' },
    ...(grace === undefined ? {} : { RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: grace } }),
  },
});

/** Everything that a file of tests needs; `clients` are the app clients: lifetimes in seconds, and a grace where they rotate; `tags` are those of the pool. */
export async function startHouse(clients, { tags, ...how } = {}) {
  const app = await startApp(how);
  const directory = await temporary('seed');
  await writeFile(join(directory, 'seed.json'), JSON.stringify([
    { CreateUserPool: { PoolName: 'Tabs', UserPoolTags: tags }, Id: pool },
    ...[ana, ben].flatMap(({ username, password }) => [
      { AdminCreateUser: { UserPoolId: pool, Username: username, MessageAction: 'SUPPRESS' } },
      { AdminSetUserPassword: { UserPoolId: pool, Username: username, Password: password, Permanent: true } },
    ]),
    ...clients.map(one => client(app.origin, one)),
  ]));
  const [server, browser] = await Promise.all([startServer({ args: ['--short-lifetimes', '--seed', join(directory, 'seed.json')] }), startBrowser()]);
  const issuer = `${server.url}/${pool}`;
  // The first sign-in makes keys and compiles code: no page has to wait for that.
  /** What a visit to the sign-in page leaves in a browser. */
  const visit = async user => {
    const visitor = new Visitor();
    await visitor.signIn(server, { client: { Id: clients[0].id }, user, redirect: `${app.origin}/${clients[0].id}/back` });
    return [...visitor.cookies].map(([name, value]) => ({ name, value, url: server.url }));
  };
  await visit(ana);

  /** The options of an app, as its page gets them. */
  const configure = (id, options) => app.options.set(id, {
    issuer, clientId: id, redirectUri: `${app.origin}/${id}/back`, logoutUri: `${app.origin}/${id}/bye`, scopes: ['openid', 'email'], timeout: 20, ...options,
  });
  for (const { id } of clients) configure(id);

  return {
    app, server, issuer, browser, configure,
    /** Administrators sign their calls; the dev server takes any well-formed signature. */
    async admin(operation, input) {
      const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
      const reply = await fetch(server.url, {
        method: 'POST', body: JSON.stringify({ UserPoolId: pool, ...input }), headers: {
          'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': `AWSCognitoIdentityProviderService.${operation}`, 'X-Amz-Date': time,
          Authorization: `AWS4-HMAC-SHA256 Credential=AKIATESTS/${time.slice(0, 8)}/us-east-1/cognito-idp/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
        },
      });
      if (!reply.ok) throw new Error(`${operation}: ${await reply.text()}`);
    },
    /** Somebody who has been at the sign-in page lately: it lets them in without a form. */
    person: async (id, how) => Object.assign(await Person.arrive(browser, app, id, how), { visit }),
    /** Somebody who has never been there. */
    stranger: (id, how) => Person.arrive(browser, app, id, how),
    stop: () => Promise.all([browser.close(), server.stop(), app.stop(), rm(directory, { recursive: true, force: true })]),
  };
}

/** Somebody with a browser of their own and tabs that share its storage; notes what their tabs ask the token endpoint for. */
export class Person {
  static async arrive(browser, app, id, how) {
    const person = new Person();
    person.context = await browser.newContext(how);
    Object.assign(person, { app, id, grants: [], broken: [] });
    person.context.on('request', request => {
      if (request.url().endsWith('/token') && request.method() === 'POST') person.grants.push(new URLSearchParams(request.postData() ?? '').get('grant_type'));
    });
    return person;
  }

  get refreshes() { return this.grants.filter(grant => grant === 'refresh_token').length; }

  /** A new tab with the app in it. */
  async open(path = '') {
    const page = await this.context.newPage();
    page.on('pageerror', error => this.broken.push(error.message));
    page.on('console', line => { if (/content security policy|trusted/i.test(line.text())) this.broken.push(line.text()); });
    await page.goto(`${this.app.origin}/${this.id}/${path}`);
    await started(page);
    return page;
  }

  tabs = count => Promise.all(Array.from({ length: count }, () => this.open()));

  /** A new tab in which somebody has signed in; the page of the provider is filled in where it is shown. */
  async signIn(path, who = ana) {
    if (this.visit) await this.context.addCookies(await this.visit(who));
    const page = await this.open(path);
    await page.evaluate(() => { globalThis.before = true; return session.signIn(); });
    await page.waitForFunction(() => !globalThis.before && (globalThis.started || document.querySelector('input[name=password]')));
    if (new URL(page.url()).origin !== this.app.origin) await fillIn(page, who);
    await page.waitForURL(url => url.origin === this.app.origin);
    await started(page);
    return page;
  }

  leave = () => closed(this.context);
}

export async function fillIn(page, { username, password } = ana) {
  await page.fill('input[name=username]', username);
  await page.fill('input[name=password]', password);
  await page.keyboard.press('Enter');
}

/** What `start` came to. */
export async function started(page) {
  await page.waitForFunction(() => globalThis.started);
  return page.evaluate(() => started);
}

export const token = page => page.evaluate(() => session.getAccessToken());
export const codeOf = (page, act) => page.evaluate(`(${act})().then(() => 'nothing', ({ code, reason, retryAfter }) => ({ code, reason, retryAfter }))`);
export const eventsOf = page => page.evaluate(() => events.map(({ name, reason }) => reason ? `${name}: ${reason}` : name));
export const event = (page, name, count = 1) => page.waitForFunction(([name, count]) => events.filter(one => one.name === name).length >= count, [name, count]);
export const claims = jwt => JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url'));

export const refresh = page => page.evaluate(() => session.refresh());
export const signedIn = async page => assert.notEqual(await page.evaluate(() => session.user), null);

const isRefresh = request => request.url().endsWith('/oauth2/token') && (request.postData() ?? '').includes('grant_type=refresh_token');
/** Handles the refresh requests of a context; the rest goes on. */
export const onRefresh = (person, handle) => person.context.route('**/oauth2/token', route => isRefresh(route.request()) ? handle(route) : route.continue());
export const cors = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Retry-After' };

/** Lets the server answer the next refreshes of a context, and keeps the answers: nothing comes back, or what `instead` does. `spent` is when the first was given. */
export async function swallowed(person, count, instead = () => {}) {
  let arrived;
  const spent = new Promise(done => { arrived = done; });
  await onRefresh(person, async route => {
    if (count-- <= 0) return route.continue();
    await route.fetch();
    arrived();
    await instead(route);
  });
  return { spent };
}

/** An API on an origin of its own: notes what it is asked, and answers as it is told, or 401 to what it `refuses`, or 200. */
export async function startApi() {
  const calls = [], answers = [];
  const api = await listen(async (request, reply) => {
    for (const what of ['origin', 'methods']) reply.setHeader(`access-control-allow-${what}`, '*');
    reply.setHeader('access-control-allow-headers', '*, authorization');
    if (request.method === 'OPTIONS') return reply.end();
    let body = '';
    for await (const piece of request) body += piece;
    const { authorization } = request.headers;
    calls.push({ path: request.url, headers: request.headers, authorization, body });
    const { status = 200, headers = {} } = answers.shift() ?? (api.refuses(authorization) ? { status: 401 } : {});
    reply.writeHead(status, headers).end('{}');
  });
  return Object.assign(api, { calls, answers, refuses: () => false });
}
