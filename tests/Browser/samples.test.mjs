// The two sample applications, started as a reader starts them and used as people use them. Access tokens live for seconds here; of the
// sessions only those of two people do, who wait for their end.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '../actors/server.mjs';
import { closed, eventually, startBrowser } from './actors.mjs';

const script = fileURLToPath(new URL('../../samples/run.sh', import.meta.url));
const lives = { access: 10, refresh: 900 };
const password = 'Swim-lanes-1';
let browser;
const apps = {};

/** `samples/run.sh <mode>` on ports of its own, until it says where to open it. */
async function startSample(mode) {
  const [port, poolPort, apiPort] = [await freePort(), await freePort(), await freePort()];
  const child = spawn(script, [mode, '--port', port, '--pool-port', poolPort, '--api-port', apiPort, '--access', lives.access, '--refresh', lives.refresh].map(String), { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise(done => child.once('close', done));
  let said = '';
  await new Promise((ready, fail) => {
    for (const out of [child.stdout, child.stderr]) out.on('data', text => { said += text; if (/Open http/.test(said)) ready(); });
    ended.then(code => fail(new Error(`samples/run.sh ${mode} ended with ${code}\n${said}`)));
  });
  return { url: `http://localhost:${port}`, pool: `http://localhost:${poolPort}`, stop: () => { child.kill('SIGTERM'); return ended; } };
}

const clients = { page: 'swimlanespageclient0000001', bff: 'swimlanesbffclient00000001' };
const waiting = {};
before(async () => {
  browser = await startBrowser();
  // One after the other: the first may have to build what both need.
  for (const mode of ['page', 'bff']) apps[mode] = await startSample(mode);
  // Whoever signs in now has a session that ends soon.
  await Promise.all(Object.entries(apps).map(async ([mode, app]) => {
    const settings = { ClientId: clients[mode] };
    const { UserPoolClient: { CreationDate, LastModifiedDate, ClientSecret, ...client } } = await admin(app, 'DescribeUserPoolClient', settings);
    await admin(app, 'UpdateUserPoolClient', { ...client, RefreshTokenValidity: lives.access + 1 });
    waiting[mode] = await (await Person.arrive(app, 'dan', `/${later}`)).signIn();
    await admin(app, 'UpdateUserPoolClient', client);
  }));
});
after(async () => {
  await browser?.close();
  const codes = await Promise.all(Object.values(apps).map(app => app.stop()));
  assert.deepEqual(codes, [0, 0], 'a sample did not end as it should');
});

/** An administrator's call; the dev server takes any well-formed signature. */
async function admin(app, operation, input) {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  const reply = await fetch(app.pool, {
    method: 'POST', body: JSON.stringify({ UserPoolId: 'us-east-1_SwimLanes', ...input }), headers: {
      'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': `AWSCognitoIdentityProviderService.${operation}`, 'X-Amz-Date': time,
      Authorization: `AWS4-HMAC-SHA256 Credential=AKIATESTS/${time.slice(0, 8)}/us-east-1/cognito-idp/aws4_request, SignedHeaders=host;x-amz-date, Signature=${'0'.repeat(64)}`,
    },
  });
  const text = await reply.text();
  assert.ok(reply.ok, text);
  return text && JSON.parse(text);
}

/** The last of the days that can be booked, as it stands in the address. */
const inThreeDays = new Date();
inThreeDays.setDate(inThreeDays.getDate() + 3);
const later = `?day=${inThreeDays.toLocaleDateString('sv')}`;

/** Somebody with a browser of their own; what it sends and gets is kept, and what should never happen is noted. */
class Person {
  received = [];
  sent = [];
  broken = [];

  /** Arrives at the app; is known to the pool. */
  static async arrive(app, username, path) {
    const person = Object.assign(new Person(), { app, username });
    if (!/^(demo|lifeguard)$/.test(username)) {
      await admin(app, 'AdminCreateUser', { Username: username, MessageAction: 'SUPPRESS', UserAttributes: [{ Name: 'email', Value: `${username}@example.com` }] });
      await admin(app, 'AdminSetUserPassword', { Username: username, Password: password, Permanent: true });
    }
    return person.enter(path);
  }

  async enter(path) {
    this.context = await browser.newContext({ reducedMotion: 'reduce' });
    this.context.on('request', request => this.sent.push({ url: request.url(), body: request.postData() ?? '' }));
    this.context.on('response', reply => this.received.push({ url: reply.url(), text: reply.text().catch(() => '') }));
    this.page = await this.tab(path);
    return this;
  }

  async tab(path = '/') {
    const page = await this.context.newPage();
    page.on('pageerror', error => this.broken.push(error.message));
    page.on('console', line => { if (/content security policy|trusted/i.test(line.text())) this.broken.push(line.text()); });
    await page.goto(this.app.url + path);
    await this.ready(page);
    return page;
  }

  ready = (page = this.page) => page.waitForSelector('body[data-ready]');

  /** By the button given, and by the pool's page where it is shown. */
  async signIn(button = '#in', { asked = true } = {}) {
    await this.page.click(button);
    if (asked) {
      await this.page.fill('input[name=username]', this.username);
      await this.page.fill('input[name=password]', /^(demo|lifeguard)$/.test(this.username) ? 'Poolhouse-1' : password);
      await this.page.keyboard.press('Enter');
    }
    await this.page.waitForURL(url => url.origin === this.app.url && !url.searchParams.has('code'));
    await this.page.locator('#who').waitFor();
    await this.ready();
    return this;
  }

  slot = (lane, hour, state) => this.page.locator(`.slot[data-lane="${lane}"][data-hour="${hour}"]${state ? `[data-state=${state}]` : ''}`);

  async book(lane, hour) {
    await this.slot(lane, hour, 'free').click();
    await this.slot(lane, hour, 'yours').waitFor();
  }

  /** The app says that the session has ended, and why. */
  ended = (reason, page = this.page) => page.locator(`#notice[data-reason="${reason}"]`).waitFor()
    .catch(async () => assert.fail(`not ended as ${reason}: ${await page.innerText('#verdict')}\n${await page.innerText('#log')}`));

  logged = (text, page = this.page) => page.locator('#log li', { hasText: text });
  refreshes = () => this.sent.filter(({ url, body }) => url.endsWith('/oauth2/token') && body.includes('grant_type=refresh_token')).length;
  /** The status of a call that the page makes with its session. */
  call = (method, path) => this.page.evaluate(async ([method, path]) => (await (await import('/session.js')).session.fetch(path, { method })).status, [method, path]);

  async leave() {
    assert.deepEqual(this.broken, []);
    await closed(this.context);
  }
}

const dayOf = person => person.page.locator('.days a').evaluateAll(days => days.map(day => day.getAttribute('href')));
const jwt = /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]+/, namedToken = /"(access_token|refresh_token|id_token|accessToken)"\s*:/;
/** What came in; a reply that never ends is named, instead of waited for. */
const replies = person => Promise.all(person.received.map(({ url, text }) => Promise.race([
  text.then(text => ({ url, text })),
  pause(20_000, undefined, { ref: false }).then(() => assert.fail(`the reply of ${url} does not end`)),
])));
/** Replies that a script of the page could read a token in. */
const leaks = async person => (await replies(person)).filter(({ text }) => jwt.test(text) || namedToken.test(text)).map(({ url }) => new URL(url).pathname);

/** Books and revokes on a day that is not the first, signs in again, and is back there. */
async function isRevoked(person) {
  const [, second] = await dayOf(person);
  await person.page.click(`.days a[href="${second}"]`);
  await person.page.locator(`.days a[href="${second}"][aria-current]`).waitFor();
  await person.book(4, 12);
  await person.page.click('#revoke');
  await person.ended('revoked');
  assert.match(await person.page.innerText('#notice'), /Your session was revoked/);
  await person.logged(/The API refused (the very next call|after \d{1,3} ms)/).waitFor();
  assert.match(await person.page.innerText('#verdict'), /^401/);
  await person.signIn('#notice .sign-in', { asked: false });
  assert.equal(new URL(person.page.url()).search, second);
  await person.slot(4, 12, 'yours').waitFor();
}

/** Signs out everywhere in one browser; gives the other, which finds out at its next call. */
async function isSignedOutElsewhere(person) {
  const other = await Object.assign(new Person(), { app: person.app, username: person.username }).enter();
  await other.signIn();
  await person.page.click('#out-everywhere');
  await person.page.locator('#in').waitFor();
  // A call finds out, or the renewal that is due anyway, which may come first.
  if (await other.page.isVisible('#call')) await other.page.click('#call', { timeout: 5000 }).catch(() => {});
  await other.ended('revoked');
  await other.leave();
  // The session at the pool is over as well: the next sign-in asks.
  await person.page.click('#in');
  await person.page.waitForSelector('input[name=password]');
}

// Each step has its limit but those that ask the page; the whole has one, so that what hangs has a name.
describe('The samples', { concurrency: 4, timeout: 300_000 }, () => {
  test('Tokens in the page: a lane is booked and given back, and what is not allowed is refused', async () => {
    const ana = await (await Person.arrive(apps.page, 'ana')).signIn();
    await ana.book(3, 9);
    assert.equal(await ana.page.innerText('#said'), 'Lane 3, 9:00 to 10:00 is yours.');
    const [day] = await dayOf(ana), slot = `/api/lanes/3/${day.slice(-10)}/9`;
    const lou = await (await Person.arrive(apps.page, 'lifeguard')).signIn();
    await lou.slot(3, 9, 'taken').waitFor();
    assert.deepEqual([await lou.call('PUT', slot), await lou.call('DELETE', slot), await ana.call('PUT', '/api/lanes/2/closed')], [409, 409, 403]);
    assert.equal(await ana.page.locator('.gate:visible').count(), 0);
    await lou.page.click('#gate-2');
    await lou.slot(2, 9, 'closed').waitFor();
    assert.equal(await ana.call('PUT', slot.replace('/3/', '/2/')), 409);
    await ana.slot(3, 9).click();
    await ana.slot(3, 9, 'free').waitFor();
    // The same by keyboard: a day, then into the pool, along it and across, and the focus stays.
    const focused = () => ana.page.evaluate(() => document.activeElement.ariaLabel ?? document.activeElement.getAttribute('href'));
    await ana.page.locator('.days a').nth(2).focus();
    await ana.page.keyboard.press('Enter');
    await ana.page.locator(`.days a[href="${later}"][aria-current]`).waitFor();
    assert.equal(await focused(), later);
    for (const key of ['Tab', 'ArrowRight', 'ArrowDown', 'ArrowDown']) await ana.page.keyboard.press(key);
    assert.equal(await focused(), 'Lane 3, 9:00 to 10:00, free. Book');
    await ana.page.keyboard.press('Space');
    await ana.slot(3, 9, 'yours').waitFor();
    assert.equal(await focused(), 'Lane 3, 9:00 to 10:00, yours. Give back');
    assert.equal((await fetch(`${apps.page.url}/api/lanes`)).status, 401);
    await Promise.all([ana.leave(), lou.leave()]);
  });

  test('Tokens in the page: they are renewed by themselves, by one tab for all', async () => {
    const ben = await (await Person.arrive(apps.page, 'ben')).signIn();
    const other = await ben.tab();
    await ben.logged('Signed in already: another tab had the session.', other).waitFor();
    const missed = ben.refreshes(); // before the second tab was there to be told
    const told = page => Promise.all(['this', 'another'].map(who => ben.logged(`New tokens: ${who} tab`, page).count()));
    // For each renewal one of the two has asked, once, and the other was told.
    await eventually(async () => {
      const [[asked, heard], [otherAsked, otherHeard]] = await Promise.all([ben.page, other].map(told)), refreshes = ben.refreshes();
      const all = refreshes > missed && asked + otherAsked === refreshes && heard === otherAsked && otherHeard <= asked && otherHeard >= asked - missed;
      return all ? '' : `${refreshes} refreshes; one tab has asked ${asked} times and heard of ${heard}, the other ${otherAsked} and ${otherHeard}`;
    });
    assert.deepEqual(await ben.page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, '']);
    // The same look at replies that finds nothing behind the Bff.
    assert.deepEqual(new Set(await leaks(ben)), new Set(['/oauth2/token']));
    await ben.page.click('#out');
    await ben.ended('signed-out', other);
    await ben.leave();
  });

  test('Tokens in the page: what is revoked elsewhere is refused at the next call', async () => {
    const cleo = await (await Person.arrive(apps.page, 'cleo')).signIn();
    await isRevoked(cleo);
    await isSignedOutElsewhere(cleo);
    await cleo.leave();
  });

  test('Behind the Bff: a lane is booked, the backend renews the tokens, and none of them is ever in the page', async () => {
    const eve = await (await Person.arrive(apps.bff, 'eve')).signIn();
    await eve.book(3, 9);
    const renewed = eve.logged('The backend has renewed the access token');
    // Nothing of a renewal reaches the page: it shows in what the API sees, call by call.
    await eventually(async () => {
      await eve.page.click('#call');
      return await renewed.count() ? '' : 'the API never saw another token';
    });
    await eve.page.reload();
    await eve.slot(3, 9, 'yours').waitFor();
    const other = await eve.tab();
    await other.locator('#who').waitFor();
    assert.deepEqual(await eve.page.evaluate(async () => [localStorage.length, sessionStorage.length, document.cookie, await indexedDB.databases()]), [0, 0, '', []]);
    const cookies = await eve.context.cookies(apps.bff.url);
    assert.ok(cookies.length > 0 && cookies.every(cookie => cookie.httpOnly && !jwt.test(cookie.value)), JSON.stringify(cookies.map(({ name, httpOnly }) => ({ name, httpOnly }))));
    assert.deepEqual(await leaks(eve), []);
    assert.deepEqual(eve.sent.filter(({ url, body }) => jwt.test(url + body)), []);
    assert.ok((await replies(eve)).some(({ text }) => text.includes('"state":"yours"')), 'the replies were looked at');
    await eve.page.click('#out');
    await eve.page.locator('#in').waitFor();
    await eve.leave();
  });

  test('Behind the Bff: what is revoked elsewhere is refused at the next call', async () => {
    const finn = await (await Person.arrive(apps.bff, 'finn')).signIn();
    // The API hears it first, and the backend a moment later: the page learns the reason without another click.
    await finn.page.route('**/api/me', route => route.fulfill({ status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token", error_description="revoked"' } }), { times: 1 });
    await finn.page.route('**/bff/session', async route => {
      const before = await route.fetch();
      await admin(apps.bff, 'AdminUserGlobalSignOut', { Username: 'finn' });
      await route.fulfill({ response: before });
    }, { times: 1 });
    await finn.page.click('#call');
    await finn.ended('revoked');
    await finn.signIn('#notice .sign-in', { asked: false });
    await isRevoked(finn);
    await isSignedOutElsewhere(finn);
    await finn.leave();
  });

  for (const [mode, words] of [['page', 'Tokens in the page'], ['bff', 'Behind the Bff']]) {
    test(`${words}: at the end of the refresh token the page says so, and a new sign-in leads back to where one was`, async () => {
      const dan = waiting[mode];
      // The page finds out by itself; behind the Bff at a call, since nobody renews what nobody uses.
      await eventually(async () => {
        if (mode === 'bff') await dan.page.click('#call', { timeout: 1000 }).catch(() => {});
        return await dan.page.locator('#notice').isVisible() ? '' : 'the session does not end';
      });
      await dan.ended('expired');
      assert.match(await dan.page.innerText('#notice'), /reached its end/);
      await dan.signIn('#notice .sign-in', { asked: false });
      assert.equal(new URL(dan.page.url()).search, later);
      await dan.page.locator(`.days a[href="${later}"][aria-current]`).waitFor();
      await dan.leave();
    });
  }
});
