// The fetch of a session: who sees the token, and what a 401 leads to.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { event, startApi, startHouse, token } from './actors.mjs';

let house, api, stranger, person, page;
before(async () => {
  [house, api, stranger] = await Promise.all([startHouse([{ id: 'app', grace: 0 }]), startApi(), startApi()]);
  house.configure('app', { origins: [api.origin] });
  person = await house.person('app');
  page = await person.signIn();
});
after(() => Promise.all([house?.stop(), api?.stop(), stranger?.stop()]));
beforeEach(() => {
  for (const list of [api.calls, api.answers, stranger.calls, person.grants]) list.length = 0;
});

const call = (path, init) => page.evaluate(([path, init]) => session.fetch(path, init).then(({ status }) => status, ({ code, name }) => code ?? name), [path, init]);
const tokens = to => to.calls.map(({ authorization }) => authorization?.replace('Bearer ', ''));

test('The token goes to the listed origin, beside the headers that were there', async () => {
  assert.equal(await call(`${api.origin}/orders?of=me`, { method: 'POST', body: 'one', headers: { 'X-Mine': 'yes', Authorization: 'Basic old' } }), 200);
  assert.deepEqual([tokens(api), api.calls[0].body, api.calls[0].headers['x-mine']], [[await token(page)], 'one', 'yes']);
});

test('No other origin sees it, nor does a path that looks like the listed one', async () => {
  const { host } = new URL(api.origin);
  for (const url of [`${stranger.origin}/`, `${stranger.origin}/${host}`, `${stranger.origin}/?${api.origin}`, `http://${host.replace(':', '%3A')}@${new URL(stranger.origin).host}/`]) await call(url);
  await call(`${house.app.origin}/app/`);
  assert.ok(stranger.calls.length >= 3);
  assert.deepEqual(tokens(stranger).filter(Boolean), []);
});

test('It does not follow a redirect to another origin', async () => {
  for (const status of [302, 307, 308]) {
    api.answers.push({ status, headers: { location: `${stranger.origin}/next` } });
    await call(`${api.origin}/`, { method: 'PUT', body: 'x' });
  }
  assert.equal(tokens(api).filter(Boolean).length, 3);
  assert.deepEqual([stranger.calls.length > 0, tokens(stranger).filter(Boolean)], [true, []]);
});

test('A 401 is followed by one refresh and one more try', async () => {
  const old = await token(page);
  api.answers.push({ status: 401 });
  assert.equal(await call(`${api.origin}/`, { method: 'POST', body: 'again' }), 200);
  assert.deepEqual([tokens(api), api.calls.map(({ body }) => body), person.refreshes], [[old, await token(page)], ['again', 'again'], 1]);
});

test('Ten calls that are refused together share one refresh', async () => {
  const old = await token(page);
  await page.evaluate(() => session.refresh());
  person.grants.length = 0;
  api.refuses = authorization => authorization === `Bearer ${api.stale}`;
  api.stale = await token(page);
  assert.notEqual(api.stale, old);
  const statuses = await page.evaluate(url => Promise.all(Array.from({ length: 10 }, () => session.fetch(url).then(({ status }) => status))), `${api.origin}/`);
  api.refuses = () => false;
  assert.deepEqual([statuses, person.refreshes], [Array(10).fill(200), 1]);
});

test('An API that refuses every token gets no more than one refresh out of it', async () => {
  await page.evaluate(() => session.refresh());
  person.grants.length = 0;
  api.refuses = () => true;
  for (let count = 0; count < 3; count++) assert.equal(await call(`${api.origin}/`), 401);
  api.refuses = () => false;
  assert.deepEqual([person.refreshes, await page.evaluate(() => session.user !== null)], [1, true]);
});

test('Forms and requests without a body are sent again as they were', async () => {
  for (const send of [
    url => { const form = new FormData(); form.append('file', new Blob(['content']), 'a.txt'); return session.fetch(url, { method: 'POST', body: form }); },
    url => session.fetch(new Request(url, { headers: { 'X-Mine': 'yes' } })),
    url => session.fetch(new URL(url)),
  ]) {
    await page.evaluate(() => session.refresh());
    api.calls.length = 0;
    api.answers.push({ status: 401 });
    assert.equal(await page.evaluate(`(${send})('${api.origin}/').then(({ status }) => status)`), 200, String(send));
    const [first, second] = api.calls;
    assert.equal(second.headers['x-mine'], first.headers['x-mine']);
    const boundary = second.headers['content-type']?.split('boundary=')[1];
    if (boundary) assert.ok(second.body.startsWith(`--${boundary}`) && second.body.includes('content'), 'the boundary is not that of the body');
  }
});

test('A stream is not sent twice: the 401 is returned, and the next call has a new token', async () => {
  // Chromium sends a stream over HTTP/2 only: here it gets as far as the function that would send it.
  await page.evaluate(() => {
    const { fetch } = globalThis;
    globalThis.streams = 0;
    globalThis.fetch = (input, init) => {
      if (!(init?.body instanceof ReadableStream)) return fetch(input, init);
      streams++;
      return Promise.resolve(new Response('', { status: 401 }));
    };
  });
  for (const send of [
    url => session.fetch(new Request(url, { method: 'POST', body: 'consumed' })),
    url => session.fetch(url, { method: 'POST', body: new Blob(['consumed']).stream(), duplex: 'half' }),
  ]) {
    await page.evaluate(() => session.refresh());
    person.grants.length = 0;
    const old = await token(page);
    if (send.toString().includes('Request')) api.answers.push({ status: 401 });
    const status = await page.evaluate(`(${send})('${api.origin}/').then(({ status }) => status, ({ name }) => name)`);
    assert.deepEqual([status, person.refreshes], [401, 1], String(send));
    assert.equal(await call(`${api.origin}/next`), 200);
    assert.notEqual(tokens(api).at(-1), old);
  }
  assert.equal(await page.evaluate(() => streams), 1);
});

test('An origin with a path is refused, since it would limit nothing', async () => {
  const code = await page.evaluate(async () => {
    const { createSession } = await import('/client/index.js');
    try { createSession({ issuer: 'https://id.example', clientId: 'a', origins: ['https://api.example/v1'] }); } catch ({ code }) { return code; }
  });
  assert.equal(code, 'options');
});

test('After the session has ended, calls go without a token, and the API decides', async () => {
  const [request] = await Promise.all([page.waitForRequest(/token$/), page.evaluate(() => session.refresh())]);
  const refresh = new URLSearchParams(request.postData()).get('refresh_token');
  await fetch(`${house.server.url}/oauth2/revoke`, { method: 'POST', body: new URLSearchParams({ client_id: 'app', token: refresh }) });
  api.answers.push({ status: 401 }, { status: 200 });
  assert.equal(await call(`${api.origin}/`), 401);
  await event(page, 'ended');
  assert.equal(await call(`${api.origin}/public`), 200);
  assert.equal(tokens(api).at(-1), undefined);
});
