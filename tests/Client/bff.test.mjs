// The same API in front of a backend for frontends. The backend is a few lines here: it answers as it is told, and notes what it is asked.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { startBrowser } from '../Browser/actors.mjs';
import { codeOf, event, eventsOf, pause, Person, startApi, startApp, started } from './actors.mjs';

const claims = { sub: 'd0d0', name: 'Ana' };
let app, browser, stranger, calls, bff;

async function backend(request, reply) {
  const { pathname, searchParams } = new URL(request.url, 'http://bff');
  if (!pathname.startsWith('/bff/') && !pathname.startsWith('/api/')) return false;
  calls.push({ call: `${request.method} ${pathname}`, returnUrl: searchParams.get('returnUrl'), header: request.headers['x-bff'], cookie: request.headers.cookie });
  const [status, body, headers = {}] = { '/bff/session': bff.session, '/bff/token': bff.token, '/api/me': bff.api }[pathname] ?? [302, '', { location: searchParams.get('returnUrl') }];
  if (pathname === '/bff/login') bff.session = [200, { signedIn: true, claims, expiresIn: 3600 }];
  if (pathname === '/bff/logout') bff.session = [200, { signedIn: false, reason: 'signed-out' }];
  reply.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body && JSON.stringify(body));
  return true;
}

before(async () => {
  [app, browser, stranger] = await Promise.all([startApp({ more: backend }), startBrowser(), startApi()]);
  app.options.set('app', { bff: '/bff' });
});
after(() => Promise.all([app?.stop(), browser?.close(), stranger?.stop()]));
beforeEach(() => {
  calls = [];
  bff = { session: [200, { signedIn: true, claims, expiresIn: 3600 }], token: [200, { accessToken: 'short-lived', expiresIn: 60 }], api: [200, {}] };
});

const arrive = () => Person.arrive(browser, app, 'app');
const asked = what => calls.filter(({ call }) => call === what);

test('Whoever has a session is signed in, and no token is in the page', async () => {
  const person = await arrive(), page = await person.open();
  assert.deepEqual([(await started(page)).user, await eventsOf(page)], [claims, ['signed-in']]);
  assert.deepEqual(calls.map(({ call, header }) => [call, header]), [['GET /bff/session', '1']]);
  assert.deepEqual([await page.evaluate(() => [localStorage.length, sessionStorage.length]), person.broken], [[0, 0], []]);
  await person.leave();
});

test('Signing in and out are navigations that come back', async () => {
  bff.session = [200, { signedIn: false, reason: null }];
  const person = await arrive(), page = await person.open('orders?tab=2');
  assert.deepEqual([(await started(page)).user, await eventsOf(page)], [null, []]);
  await Promise.all([page.waitForEvent('load'), page.evaluate(() => session.signIn())]);
  assert.deepEqual([asked('GET /bff/login')[0].returnUrl, (await started(page)).user, page.url()], ['/app/orders?tab=2', claims, `${app.origin}/app/orders?tab=2`]);
  const other = await person.open();
  await Promise.all([page.waitForEvent('load'), page.evaluate(() => session.signOut())]);
  await event(other, 'ended');
  assert.deepEqual([asked('GET /bff/logout')[0].returnUrl, (await eventsOf(other)).at(-1)], ['/', 'ended: signed-out']);
  for (const returnTo of ['//evil.example', 'https://evil.example', '/\\evil.example']) {
    assert.equal(await other.evaluate(returnTo => session.signIn({ returnTo }).catch(({ code }) => code), returnTo), 'return-to');
  }
  await person.leave();
});

test('Calls to its own origin carry the header, others nothing', async () => {
  const person = await arrive(), page = await person.open();
  await person.context.addCookies([{ name: '__Host-bff', value: 'sealed', url: app.origin.replace('http:', 'https:') }, { name: 'session', value: 'sealed', url: app.origin }]);
  const statuses = await page.evaluate(async url => [(await session.fetch('/api/me', { credentials: 'omit' })).status, (await session.fetch(url)).status], `${stranger.origin}/`);
  assert.deepEqual(statuses, [200, 200]);
  const [{ header, cookie }] = asked('GET /api/me');
  assert.deepEqual([header, /session=sealed/.test(cookie)], ['1', true]);
  assert.deepEqual([stranger.calls[0].headers['x-bff'], stranger.calls[0].headers.cookie, stranger.calls[0].authorization], [undefined, undefined, undefined]);
  await person.leave();
});

test('A 401 of a session that has ended ends it here, for the reason that the backend gives; one of the API alone does not', async () => {
  const person = await arrive(), page = await person.open();
  bff.api = [401, {}];
  const status = () => page.evaluate(async () => (await session.fetch('/api/me')).status);
  assert.deepEqual([await status(), await page.evaluate(() => session.user !== null)], [401, true]);
  bff.session = [200, { signedIn: false, reason: 'idle' }];
  assert.equal(await status(), 401);
  assert.deepEqual([(await eventsOf(page)).at(-1), await page.evaluate(() => session.reason)], ['ended: idle', 'idle']);
  await person.leave();
});

test('The access token is asked for once and kept while it lives', async () => {
  const person = await arrive(), page = await person.open();
  const tokens = () => page.evaluate(() => Promise.all([1, 2, 3].map(() => session.getAccessToken())));
  assert.deepEqual([await tokens(), await tokens(), asked('POST /bff/token').length], [Array(3).fill('short-lived'), Array(3).fill('short-lived'), 1]);
  bff.token = [200, { accessToken: 'newer', expiresIn: 60 }];
  await page.evaluate(() => session.refresh());
  assert.deepEqual(await tokens(), Array(3).fill('newer'));
  await person.leave();
});

for (const [what, token, expected] of [
  ['the session has been used by somebody else', [401, { reason: 'reuse' }], { code: 'signed-out', reason: 'reuse', retryAfter: undefined }],
  ['the provider is away', [503, {}, { 'retry-after': '7' }], { code: 'unavailable', reason: undefined, retryAfter: 7 }],
  ['it hands out no tokens', [404, ''], { code: 'refused', reason: undefined, retryAfter: undefined }],
]) {
  test(`No access token: ${what}`, async () => {
    const person = await arrive(), page = await person.open(), other = await person.open();
    bff.token = token;
    assert.deepEqual(await codeOf(page, () => session.getAccessToken()), expected);
    if (expected.reason) await event(other, 'ended');
    await pause(100);
    for (const tab of [page, other]) assert.equal(await tab.evaluate(() => session.user !== null), expected.code !== 'signed-out');
    await person.leave();
  });
}

test('A backend that is away signs nobody out, and is asked again', async () => {
  const person = await arrive(), page = await person.open();
  bff.session = [503, {}, { 'retry-after': '1' }];
  await page.evaluate(() => dispatchEvent(new Event('online')));
  await pause(200);
  assert.deepEqual(await eventsOf(page), ['signed-in']);
  const late = await person.open();
  assert.deepEqual((await started(late)).code, 'unavailable');
  assert.equal((await codeOf(late, () => session.getAccessToken())).code, 'unavailable');
  bff.session = [200, { signedIn: true, claims, expiresIn: 3600 }];
  assert.deepEqual(await late.evaluate(() => session.start()), claims);
  await person.leave();
});
