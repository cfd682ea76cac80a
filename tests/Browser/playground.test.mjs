// The playground as a person uses it: sign in, look, call, refresh, revoke, see who noticed, change a lifetime.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { demo, publicClient } from '../actors/seed.mjs';
import { startServer } from '../actors/server.mjs';
import { startBrowser } from './actors.mjs';

let server, browser, page;
const broken = [];
before(async () => {
  [server, browser] = await Promise.all([startServer(), startBrowser()]);
  page = await (await browser.newContext()).newPage();
  page.on('pageerror', error => broken.push(error.message));
  page.on('console', line => { if (/Content Security Policy/.test(line.text())) broken.push(line.text()); });
});
after(() => Promise.all([browser?.close(), server?.stop()]));

const text = selector => page.locator(selector).innerText();
const newest = title => page.locator('#timeline > li:first-child h3', { hasText: title }).waitFor();
const event = title => page.locator('#timeline > li', { has: page.locator('h3', { hasText: title }) }).first().innerText();
/** @returns {Promise<string[]>} what the four say: passes, refuses or unknown */
const verdicts = () => page.locator('.verdict').evaluateAll(all => all.map(one => one.classList[1]));
const claim = (card, name) => page.locator('.token-card').nth(card).locator('.claims > div', { has: page.locator(`dt:text-is("${name}"), dt code:text-is("${name}")`) }).locator('.value').innerText();

async function signIn() {
  await page.goto(`${server.url}/`);
  await page.click('#signin:enabled');
  await page.fill('input[name=username]', demo.username);
  await page.fill('input[name=password]', demo.password);
  await page.keyboard.press('Enter');
  await newest('Signed in');
}

test('A visitor signs in and sees three tokens, which everybody takes', async () => {
  await signIn();
  assert.equal(new URL(page.url()).search, '', 'the code is still in the address');
  assert.deepEqual(await page.locator('.token-card h3').allInnerTexts(), ['ID token', 'Access token', 'Refresh token']);
  assert.equal(await claim(1, 'client_id'), publicClient.Id);
  assert.match(await text('.lane[data-token=access] .left'), /^59:\d\d left$|^1:00:00 left$/);
  await page.click('#call');
  await newest('The API let you in');
  assert.match(await event('The API let you in'), /GET \/dev\/sample[^]*200[^]*Hello, demo/);
  assert.deepEqual(await verdicts(), ['passes', 'passes', 'passes', 'unknown']);
  assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, ''], 'a token could lie there');
});

test('A refresh gives new tokens of the same session', async () => {
  const before = [await claim(1, 'jti'), await claim(1, 'origin_jti'), await claim(1, 'auth_time')];
  await page.click('#refresh');
  await newest('New tokens');
  await page.waitForSelector('#changes table');
  const now = [await claim(1, 'jti'), await claim(1, 'origin_jti'), await claim(1, 'auth_time')];
  assert.notEqual(now[0], before[0]);
  assert.deepEqual(now.slice(1), before.slice(1));
  assert.match(await text('#changes table:first-child tbody'), /jti/);
  assert.match(await text('#changes table:first-child tfoot'), /origin_jti/);
  assert.match(await event('New tokens'), /rotation is off/);
});

test('After a revocation all who ask the pool refuse, and a bare signature still passes', async () => {
  await page.click('#revoke');
  await newest('Who noticed?');
  assert.match(await event('The session has ended'), /revoked/);
  const [heading, milliseconds] = (await event(/^(Refused after \d+ ms|The very next call is refused)$/)).match(/^(?:Refused after (\d+) ms|The very next call is refused)/);
  assert.ok(Number(milliseconds ?? 0) < 1000, heading);
  assert.deepEqual(await verdicts(), ['passes', 'refuses', 'refuses', 'refuses']);
  assert.match(await text('.verdict:nth-child(2)'), /401[^]*revoked/);
  assert.match(await text('.lane[data-token=access] .left'), /revoked, its signature holds/);
  await page.click('#refresh');
  await newest('No new tokens');
  assert.match(await event('No new tokens'), /invalid_grant/);
});

test('Lifetimes are changed through the API, and a refusal is shown in the words of the server', async () => {
  await page.fill('#access-number', '10');
  await page.selectOption('#access-unit', 'minutes');
  await page.fill('#id-number', '10');
  await page.selectOption('#id-unit', 'minutes');
  assert.match(await text('#sentences'), /refreshes every 10 minutes/);
  await page.click('#lifetimes-form button[type=submit]');
  await newest('Lifetimes changed');
  assert.match(await text('#saved'), /Saved/);

  await page.fill('#access-number', '1');
  await page.click('#lifetimes-form button[type=submit]');
  await newest('Lifetimes not changed');
  const words = await text('#lifetimes-problem');
  assert.ok(words.length > 20 && (await event('Lifetimes not changed')).includes(words), words);

  // A sign-in again needs no password: the session at the pool is younger than an hour.
  await page.reload();
  await page.click('#signin:enabled');
  await newest('Signed in');
  // The lanes are drawn after the askers have answered.
  await page.locator('.lane[data-token=access].live').waitFor();
  assert.match(await text('.lane[data-token=access] .left'), /^(9:\d\d|09:\d\d|10:00) left$/);
  assert.match(await event('Signed in'), /10 minutes/);
});

test('With rotation on, a refresh gives a new refresh token', async () => {
  await page.check('#rotation');
  await page.click('#lifetimes-form button[type=submit]');
  await newest('Lifetimes changed');
  await page.click('#refresh');
  await newest('New tokens');
  assert.match(await event('New tokens'), /Rotation is on/);
});

test('Two tabs are one session: the second needs no sign-in, and one refresh serves both', async () => {
  const asked = [], note = request => { if (request.url().endsWith('/oauth2/token')) asked.push(new URLSearchParams(request.postData()).get('grant_type')); };
  page.context().on('request', note);
  const other = await page.context().newPage();
  await other.goto(`${server.url}/`);
  await other.locator('#timeline h3', { hasText: 'Signed in by another tab' }).waitFor();
  const raw = tab => tab.locator('.token-card .raw').allInnerTexts();
  const before = await raw(page);
  assert.deepEqual([await raw(other), asked], [before, []]);

  // The first answer comes when the other tab waits for its turn; one that does not wait has asked as well by then.
  const turns = () => page.evaluate(async () => (await navigator.locks.query()).pending.length);
  await page.context().route('**/oauth2/token', async route => {
    for (const deadline = Date.now() + 5000; Date.now() < deadline && !await turns();) await pause(20);
    await route.continue();
  });
  await Promise.all([page.click('#refresh'), other.click('#refresh')]);
  await Promise.all([page, other].map(tab => tab.waitForFunction(old => document.querySelectorAll('.token-card .raw')[1].innerText !== old, before[1])));
  assert.deepEqual(asked, ['refresh_token']);
  const now = await raw(page);
  assert.deepEqual(await raw(other), now);
  assert.deepEqual(now.map((token, at) => token === before[at]), [false, false, false]);
  page.context().off('request', note);
  await page.context().unroute('**/oauth2/token');
  await other.close();
});

test('New tokens come by themselves before the old ones end', async () => {
  const alone = await browser.newPage();
  await alone.clock.install();
  await alone.goto(`${server.url}/`);
  await alone.click('#signin:enabled');
  await alone.fill('input[name=username]', demo.username);
  await alone.fill('input[name=password]', demo.password);
  await alone.keyboard.press('Enter');
  await alone.locator('#timeline h3', { hasText: 'Signed in' }).waitFor();
  await alone.clock.fastForward('07:30');
  assert.equal(await alone.locator('#timeline h3', { hasText: 'New tokens' }).count(), 0);
  await alone.clock.fastForward('01:31');
  await alone.locator('#timeline h3', { hasText: 'New tokens, by itself' }).waitFor();
  await alone.context().close();
});

test('Signing out revokes the tokens, ends the session at the pool, and says so', async () => {
  const [token] = await page.locator('.token-card .raw').nth(1).allInnerTexts();
  const sample = () => fetch(`${server.url}/dev/sample`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal((await sample()).status, 200);
  await page.click('#signout');
  await newest('Signed out');
  assert.match(await event('Signed out'), /Revoke first/);
  assert.equal((await sample()).status, 401);
  await page.click('#signin:enabled');
  await page.waitForSelector('input[name=password]');
});

test('An answer that the page did not ask for is not used', async () => {
  await page.goto(`${server.url}/?code=stolen&state=foreign`);
  await newest('Sign-in failed');
  assert.equal(await page.locator('.token-card').count(), 0);
  assert.equal(await page.locator('#call').isDisabled(), true);
});

test('Configuration can be copied with the ids of this server', async () => {
  for (const name of ['Amplify', '@poolhouse/client', 'oidc-client-ts', 'AWS CLI', 'ASP.NET Core']) {
    await page.click(`role=tab[name="${name}"]`);
    const code = await text('#snippet pre');
    assert.ok(code.includes(publicClient.Id) && code.includes(server.url), `${name}: ${code}`);
  }
  await page.keyboard.press('ArrowRight');
  assert.match(await text('#snippet pre'), /aws-amplify/);
});

test('Reset brings the seed back, and nothing broke on the way', async () => {
  await page.click('#reset');
  const [reply] = await Promise.all([page.waitForResponse(/\/dev\/reset$/), page.waitForEvent('load'), page.click('#sure button[value=reset]')]);
  assert.equal(reply.status(), 204);
  await page.waitForSelector('#lifetimes:not([hidden])');
  assert.deepEqual([await page.inputValue('#access-number'), await page.inputValue('#access-unit')], ['1', 'hours']);
  assert.equal(await page.locator('#rotation').isChecked(), false);
  assert.deepEqual(broken, []);
});
