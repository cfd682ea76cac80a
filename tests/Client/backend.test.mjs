// The real backend for frontends in front of the real server: what a hostile script finds in the page, and what is left where third-party cookies are blocked.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBff, startTap } from '../actors/bff.mjs';
import { freePort } from '../actors/server.mjs';
import { startProfile } from '../Browser/actors.mjs';
import { gather } from './loot.mjs';
import { event, eventsOf, Person, pool, secret, startApi, started, startHouse, token } from './actors.mjs';

let house, api, tap, backends;
// A page without any policy: the script may do as it likes.
const bare = (request, reply) => request.url === '/bare' && reply.setHeader('content-type', 'text/html').end('<!doctype html><title>bare</title><body>');

before(async () => {
  const urls = await Promise.all(['quiet', 'giving'].map(async () => `http://127.0.0.1:${await freePort()}`));
  [house, api] = await Promise.all([
    startHouse([{ id: 'page', grace: 10 }, { id: 'short', grace: 10, access: 2 }, ...['quiet', 'giving'].map((id, index) => ({ id, grace: 10, access: index === 1 ? 2 : 3600, backend: urls[index] }))],
      { more: bare, host: '127.0.0.1' }),
    startApi(),
  ]);
  house.configure('page', { storage: 'sessionStorage' });
  tap = await startTap(house.issuer);
  const [quiet, giving] = await Promise.all(['quiet', 'giving'].map((id, index) => startBff({
    PublicUrl: urls[index], Authority: tap.url, FeedUrl: `${house.issuer}/revocations`, ClientId: id, ClientSecret: secret, HandOutAccessTokens: index === 1,
    App: { DevServer: house.app.origin }, Apis: [{ Prefix: '/api', Target: api.origin }],
  })));
  backends = { quiet, giving };
  for (const id of ['quiet', 'giving']) house.app.options.set(id, { bff: '/bff' });
});
after(() => Promise.all([house?.stop(), api?.stop(), tap?.stop(), ...Object.values(backends ?? {}).map(bff => bff.stop())]));

const visit = (id, browser = house.browser) => Person.arrive(browser, { origin: backends[id].url }, id);
const paths = ['/bff/session', '/bff/token', '/bff/login', '/bff/callback', '/bff/signed-out', '/bff/backchannel-logout', '/api/orders', '/readyz', '/.well-known/openid-configuration'];
const workers = ['/bff/session', '/bff/token', '/api/sw.js', 'data:text/javascript,', '/bare'];

/** Runs the hostile script in a tab in which somebody is signed in. */
async function raid(page, clientId, redirectUri) {
  await page.goto(new URL('/bare', page.url()).href);
  return page.evaluate(gather, { paths, workers, provider: tap.found, own: { clientId, redirectUri } });
}

/** Whole tokens and the parts that make them what they are; of a text that was found. */
const taken = (text, tokens) => [...tokens].filter(one => [one, ...(one.split('.').length === 3 ? one.split('.').slice(1) : [])].some(part => text.includes(part)));

describe('A hostile script in the page', () => {
  test('finds no token of a backend, and no way to one of its own', async () => {
    const person = await visit('quiet'), page = await person.signIn();
    assert.equal(await page.evaluate(async () => (await session.fetch('/api/orders')).status), 200);
    const [bearer] = api.calls.map(call => call.authorization?.slice('Bearer '.length)).filter(Boolean);
    assert.ok(tap.tokens.has(bearer) && tap.tokens.size >= 3, 'the tokens to look for are not known');

    const { text, code, verifier } = await raid(page, 'quiet', `${backends.quiet.url}/bff/callback`);
    assert.deepEqual(taken(text, tap.tokens), []);
    assert.doesNotMatch(text, /eyJ[\w-]{8}/);
    assert.match(text, /"signedIn":true/, 'the script was not in the page of somebody who is signed in');
    for (const worker of workers) assert.match(text, new RegExp(`worker ${worker.replace(/[.:/,]/g, '\\$&')}: refused`));
    assert.match(text, /workers: \[\]/);
    // A code it does get, in a window of its own; without the secret nobody redeems it.
    assert.ok(code, text);
    const reply = await fetch(tap.found.token_endpoint, {
      method: 'POST', body: new URLSearchParams({ grant_type: 'authorization_code', client_id: 'quiet', redirect_uri: `${backends.quiet.url}/bff/callback`, code, code_verifier: verifier }),
    });
    assert.deepEqual([reply.status, (await reply.json()).error], [400, 'invalid_client']);
    await person.leave();
  });

  test('finds the access token and no other where it is handed out', async () => {
    const before = new Set(tap.tokens), person = await visit('giving'), page = await person.signIn();
    const { text } = await raid(page, 'giving', `${backends.giving.url}/bff/callback`);
    const found = taken(text, [...tap.tokens].filter(one => !before.has(one)));
    assert.ok(found.length >= 1, 'nothing was handed out');
    for (const one of found) assert.equal(JSON.parse(Buffer.from(one.split('.')[1], 'base64url')).token_use, 'access');
    await person.leave();
  });

  test('finds everything where tokens lie in the page: the search is one that finds', async () => {
    const person = await house.person('page'), tokens = [];
    person.context.on('response', async reply => { if (reply.url().endsWith('/oauth2/token')) tokens.push(await reply.json().catch(() => ({}))); });
    const page = await person.signIn();
    const { text } = await raid(page, 'page', `${house.app.origin}/page/back`);
    const { access_token, refresh_token, id_token } = tokens[0];
    assert.deepEqual(taken(text, [access_token, refresh_token]), [access_token, refresh_token]);
    assert.match(text, /eyJ[\w-]{8}/);
    assert.match(text, /own code: 200 .*refresh_token/);
    assert.ok(id_token);
    await person.leave();
  });
});

describe('Where third-party cookies are blocked', () => {
  // The provider is at localhost, the apps are at 127.0.0.1: two sites.
  const thirdParty = async (browser, app) => {
    const context = await browser.newContext(), page = await context.newPage();
    await page.goto(`${app}/bare`);
    api.answers.push({ headers: { 'set-cookie': 'third=party; SameSite=None; Secure' } });
    for (const turn of ['set', 'sent']) await page.evaluate(url => fetch(url, { mode: 'no-cors', credentials: 'include' }), `${api.origin}/${turn}`);
    await page.close();
    return api.calls.at(-1).headers.cookie;
  };

  let strict, open;
  before(async () => { [strict, open] = await Promise.all([false, true].map(thirdPartyCookies => startProfile({ thirdPartyCookies }))); });
  after(() => Promise.all([strict?.close(), open?.close()]));

  test('a cookie of another site is not sent, and is elsewhere: the block is one that blocks', async () => {
    assert.deepEqual([await thirdParty(open, house.app.origin), await thirdParty(strict, house.app.origin)], ['third=party', undefined]);
  });

  test('an app behind its backend signs in, refreshes and signs out', async () => {
    const person = await visit('giving', strict), page = await person.signIn('orders');
    assert.equal((await started(page)).user['cognito:username'], 'ana');
    const first = await token(page);
    await page.evaluate(async first => { while (await session.getAccessToken() === first) await new Promise(done => setTimeout(done, 100)); }, first);
    assert.equal(await page.evaluate(async () => (await session.fetch('/api/orders')).status), 200);
    const other = await person.open();
    await Promise.all([page.waitForEvent('load'), page.evaluate(() => session.signOut({ everywhere: true }))]);
    await event(other, 'ended');
    await page.waitForURL(`${backends.giving.url}/`);
    assert.equal(await page.evaluate(async () => (await (await fetch('/bff/session', { headers: { 'X-Bff': '1' } })).json()).signedIn), false);
    await Promise.all([page.close(), other.close()]);
  });

  test('an app with its tokens in the page does so too, and opens no frame', async () => {
    const person = await Person.arrive(strict, house.app, 'short'), page = await person.signIn();
    await event(page, 'refreshed');
    assert.deepEqual([page.frames().length, (await eventsOf(page))[0]], [1, 'signed-in']);
    await Promise.all([page.waitForURL(`${house.app.origin}/short/bye`), page.evaluate(() => session.signOut({ everywhere: true }))]);
    assert.equal((await started(page)).user, null);
    await page.close();
  });
});
