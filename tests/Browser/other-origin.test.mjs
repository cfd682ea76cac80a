// The calls of a single-page app on another origin, to the letter.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { demo, publicClient } from '../actors/seed.mjs';
import { startServer } from '../actors/server.mjs';
import { startApp, startBrowser } from './actors.mjs';

let server, app, browser, page;
before(async () => {
  server = await startServer();
  app = await startApp();
  browser = await startBrowser();
  page = await browser.newPage();
});
after(() => Promise.all([server?.stop(), app?.stop(), browser?.close()]));

// Runs in the page: a form body whose values are as they are, not percent-encoded.
const post = form => page.evaluate(async ([url, body]) => {
  const reply = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/x-www-form-urlencoded' }, body });
  return { ok: reply.ok, body: await reply.json() };
}, [`${server.url}/oauth2/token`, Object.entries(form).map(([name, value]) => `${name}=${value}`).join('&')]);

test('A page on another origin signs in, calls with the token, refreshes, and reads errors', async () => {
  const verifier = randomBytes(32).toString('base64url');
  const query = new URLSearchParams({
    response_type: 'code', client_id: publicClient.Id, redirect_uri: app.origin, scope: 'openid', state: 'here-and-back',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  });
  await page.goto(`${server.url}/oauth2/authorize?${query}`);
  await page.fill('input[name=username]', demo.username);
  await page.fill('input[name=password]', demo.password);
  await page.keyboard.press('Enter');
  await page.waitForURL(url => url.origin === app.origin);
  const back = new URL(page.url());
  assert.equal(back.searchParams.get('state'), 'here-and-back');

  const grant = { grant_type: 'authorization_code', client_id: publicClient.Id, code: back.searchParams.get('code'), code_verifier: verifier, redirect_uri: app.origin };
  const first = await post(grant);
  assert.equal(first.ok, true, JSON.stringify(first));
  assert.deepEqual(Object.keys(first.body).sort(), ['access_token', 'expires_in', 'id_token', 'refresh_token', 'token_type']);
  assert.deepEqual([first.body.expires_in, first.body.token_type], [3600, 'Bearer']);

  const me = await page.evaluate(async ([url, token]) =>
    (await fetch(url, { headers: { Authorization: `Bearer ${token}` } })).json(), [`${server.url}/oauth2/userInfo`, first.body.access_token]);
  assert.equal(me.username, demo.username);

  const second = await post({ grant_type: 'refresh_token', client_id: publicClient.Id, redirect_uri: app.origin, refresh_token: first.body.refresh_token });
  assert.equal(second.ok, true, JSON.stringify(second));
  assert.deepEqual(Object.keys(second.body).sort(), ['access_token', 'expires_in', 'id_token', 'token_type']);

  const refused = await post({ ...grant, code: 'no-such-code' });
  assert.deepEqual(refused, { ok: false, body: { error: 'invalid_grant' } });
});
