// Many tabs, one session: who refreshes, when, and what each of them learns. The clients rotate; with a grace of 0 a refresh token that
// is used twice signs everybody out.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ana, ben, claims, codeOf, event, eventsOf, pause, started, startHouse, token } from './actors.mjs';

let house;
before(async () => {
  house = await startHouse([
    { id: 'strict', grace: 0 }, { id: 'strict-stored', grace: 0 }, { id: 'graceful', grace: 30 }, { id: 'graceful-stored', grace: 30 }, { id: 'plain' }, { id: 'impatient' },
    { id: 'brief', access: 5, grace: 0 }, { id: 'ending', access: 2, refresh: 4 },
  ]);
  house.configure('strict-stored', { storage: 'sessionStorage' });
  house.configure('graceful-stored', { storage: 'localStorage' });
  house.configure('impatient', { timeout: 3 });
});
after(() => house?.stop());

const refresh = page => page.evaluate(() => session.refresh());
const isRefresh = request => request.url().endsWith('/oauth2/token') && (request.postData() ?? '').includes('grant_type=refresh_token');
/** Handles the refresh requests of a context; the rest goes on. */
const onRefresh = (person, handle) => person.context.route('**/oauth2/token', route => isRefresh(route.request()) ? handle(route) : route.continue());
/** Lets the server answer the next refreshes of a context, and keeps the answers: nothing comes back, or what `instead` does. `spent` is when the first was given. */
async function swallowed(person, count, instead = () => {}) {
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
const cors = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Retry-After' };
/** Somebody who has copied the refresh token, and is faster than the page that presents it. */
async function thief(page, person) {
  await onRefresh(person, async route => {
    await fetch(route.request().url(), { method: 'POST', body: new URLSearchParams(route.request().postData()) });
    await route.continue();
  });
}
const signedIn = async page => assert.notEqual(await page.evaluate(() => session.user), null);

describe('Many tabs', { concurrency: 3 }, () => {
  test('A token is renewed in the second minute before its end, though nobody asks for one', async () => {
    const person = await house.person('plain');
    await person.context.clock.install();
    const page = await person.signIn();
    const before = claims(await token(page));
    await person.context.clock.fastForward('57:30');
    assert.deepEqual([await eventsOf(page), person.refreshes], [['signed-in'], 0]);
    await person.context.clock.fastForward('01:31');
    await event(page, 'refreshed');
    const now = claims(await token(page));
    assert.deepEqual([now.origin_jti, now.jti !== before.jti, person.refreshes], [before.origin_jti, true, 1]);
    await person.leave();
  });

  test('Twenty tabs that all want a token get one refresh per expiry, and nobody is signed out', async () => {
    const person = await house.person('brief');
    const pages = [await person.signIn(), ...await person.tabs(19)];
    const before = person.refreshes, started = Date.now();
    const seen = await Promise.all(pages.map(page => page.evaluate(async () => {
      const tokens = new Set();
      for (const until = Date.now() + 9000; Date.now() < until; await new Promise(done => setTimeout(done, 100))) tokens.add(await session.getAccessToken());
      return [...tokens];
    })));
    const tokens = new Set(seen.flat()).size, refreshes = person.refreshes - before;
    // A tab may have seen the token before the count began, and the one that came after it ended.
    assert.ok(tokens > 2 && Math.abs(tokens - 1 - refreshes) <= 1, `${tokens} tokens, ${refreshes} refreshes`);
    assert.ok(refreshes <= (Date.now() - started) / 3000 + 1, `${refreshes} refreshes of tokens that are good for 3 seconds`);
    assert.equal(new Set(await Promise.all(pages.map(token))).size, 1);
    for (const page of pages) assert.deepEqual((await eventsOf(page)).filter(name => name.startsWith('ended')), []);
    await person.leave();
  });

  test('A tab that has the lock before it has heard of the last refresh waits for the news', async () => {
    const person = await house.person('strict');
    const page = await person.signIn();
    await person.context.addInitScript(() => {
      // This tab hears everything a second late.
      const { set } = Object.getOwnPropertyDescriptor(BroadcastChannel.prototype, 'onmessage');
      Object.defineProperty(BroadcastChannel.prototype, 'onmessage', {
        set(listener) { set.call(this, message => setTimeout(() => listener.call(this, message), globalThis.late ?? 0)); },
      });
    });
    const late = await person.open();
    await signedIn(late);
    await late.evaluate(() => { globalThis.late = 1000; });
    await refresh(page);
    await refresh(late);
    await signedIn(late);
    // The news were what it wanted: another token than the one it had.
    assert.deepEqual([person.refreshes, await token(late) === await token(page)], [1, true]);
    await person.leave();
  });

  test('A tab that slept through a refresh does not use the token that was spent', async () => {
    const person = await house.person('strict');
    const page = await person.signIn(), sleeper = await person.open();
    const devtools = await person.context.newCDPSession(sleeper);
    await devtools.send('Page.setWebLifecycleState', { state: 'frozen' });
    await refresh(page);
    await refresh(page);
    await devtools.send('Page.setWebLifecycleState', { state: 'active' });
    await refresh(sleeper);
    await signedIn(page);
    assert.equal(await token(sleeper), await token(page));
    await person.leave();
  });

  test('A tab that comes back with an outdated copy asks the others before it uses it', async () => {
    const person = await house.person('strict-stored');
    const page = await person.signIn(), other = await person.open();
    const [key, old] = await other.evaluate(() => Object.entries(sessionStorage)[0]);
    await refresh(page);
    await other.evaluate(([key, old]) => sessionStorage.setItem(key, old), [key, old]);
    await other.reload();
    await started(other);
    await refresh(other);
    await signedIn(page);
    assert.equal(await token(other), await token(page));
    await person.leave();
  });

  test('A tab that was signed out while it was away learns it from the mark, though nobody is left to ask', async () => {
    const person = await house.person('strict-stored');
    const page = await person.signIn(), other = await person.open();
    const copy = await other.evaluate(() => Object.entries(sessionStorage)[0]);
    await page.evaluate(() => session.signOut({ everywhere: false }));
    await page.close();
    await other.evaluate(([key, old]) => sessionStorage.setItem(key, old), copy);
    await other.reload();
    assert.equal((await started(other)).user, null);
    assert.deepEqual([person.refreshes, await other.evaluate(() => [session.reason, sessionStorage.length])], [0, ['signed-out', 0]]);
    await person.leave();
  });

  test('A reply that gets lost is asked for again within the grace', async () => {
    const person = await house.person('graceful');
    const page = await person.signIn(), other = await person.open();
    let lost = 0;
    await onRefresh(person, async route => {
      if (lost++) return route.continue();
      await route.fetch();
      await route.abort();
    });
    const before = claims(await token(page));
    await refresh(page);
    const now = claims(await token(page));
    assert.deepEqual([now.origin_jti, now.jti !== before.jti, person.refreshes], [before.origin_jti, true, 2]);
    await refresh(other);
    await signedIn(page);
    await person.leave();
  });

  // The refresh token has been spent then, and is of use for the grace only: nobody may wait until the access token is due.
  test('A tab that is closed in the middle of a refresh leaves it to the others, who take it up without being asked', async () => {
    const person = await house.person('graceful');
    const page = await person.signIn(), other = await person.open();
    const { spent } = await swallowed(person, 1);
    page.evaluate(() => session.refresh()).catch(() => {});
    await spent;
    await page.close();
    await event(other, 'refreshed');
    await refresh(other);
    await signedIn(other);
    await person.leave();
  });

  test('A tab that is reloaded in the middle of a refresh takes it up again by itself', async () => {
    const person = await house.person('graceful-stored');
    const page = await person.signIn();
    const { spent } = await swallowed(person, 1);
    page.evaluate(() => session.refresh()).catch(() => {});
    await spent;
    await page.reload();
    await started(page);
    await event(page, 'refreshed');
    await refresh(page);
    await signedIn(page);
    await person.leave();
  });

  test('Where all replies get lost until the app is told, the tab goes on asking by itself', async () => {
    const person = await house.person('graceful');
    const page = await person.signIn();
    await swallowed(person, 3, route => route.abort());
    assert.equal((await codeOf(page, () => session.refresh())).code, 'unavailable');
    await event(page, 'refreshed');
    assert.equal(person.refreshes, 4);
    await signedIn(page);
    await person.leave();
  });

  test('Without locks, a tab whose reply got lost does not ask again with a token that another tab has gone past', async () => {
    const person = await house.person('graceful');
    await person.context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));
    const page = await person.signIn(), other = await person.open();
    let goOn;
    const later = new Promise(done => { goOn = done; });
    const { spent } = await swallowed(person, 1, route => later.then(() => route.abort()));
    const slow = refresh(page);
    await spent;
    await refresh(other);
    await refresh(other);
    goOn();
    await slow;
    await refresh(other);
    for (const tab of [page, other]) await signedIn(tab);
    await person.leave();
  });

  test('A sign-out beats the refresh that is on its way in another tab', async () => {
    const person = await house.person('graceful');
    const page = await person.signIn(), other = await person.open();
    let deliver, arrived;
    const out = new Promise(done => { deliver = done; }), spent = new Promise(done => { arrived = done; });
    let successor;
    await onRefresh(person, async route => {
      const response = await route.fetch();
      successor = (await response.json()).refresh_token;
      arrived();
      await out;
      await route.fulfill({ response });
    });
    const failure = codeOf(page, () => session.refresh());
    await spent;
    // This provider would end the whole session with the token that was revoked; others end that one only.
    await person.context.route('**/oauth2/revoke', route => route.request().postData().includes(successor) ? route.continue() : route.fulfill({ status: 200, headers: cors }));
    await other.evaluate(() => session.signOut({ everywhere: false }));
    const revoked = person.context.waitForEvent('requestfinished', request => request.url().endsWith('/oauth2/revoke') && request.postData().includes(successor));
    deliver();
    assert.deepEqual((await failure).code, 'signed-out');
    await revoked;
    for (const tab of [page, other]) assert.equal((await eventsOf(tab)).at(-1), 'ended: signed-out');
    await person.leave();
  });

  test('Two tabs that were opened at the same time are signed in by one of them', async () => {
    const person = await house.person('plain');
    const [page, other] = await person.tabs(2);
    assert.equal((await started(other)).user, null);
    await page.close();
    const third = await person.signIn();
    await event(other, 'signed-in');
    assert.equal(await token(other), await token(third));
    await person.leave();
  });

  test('Apps of other clients on the same origin hear nothing', async () => {
    const person = await house.person('plain');
    await person.signIn();
    const stranger = Object.assign(Object.create(Object.getPrototypeOf(person)), person, { id: 'graceful' });
    const page = await stranger.open();
    assert.equal((await started(page)).user, null);
    assert.equal((await codeOf(page, () => session.getAccessToken())).code, 'signed-out');
    await person.leave();
  });

  for (const [what, answer, code] of [
    ['500', { status: 500, body: '{"error":"server_error"}' }, 'unavailable'],
    ['502 of a gateway', { status: 502, body: '<html>' }, 'unavailable'],
    ['500 that says invalid_grant', { status: 500, body: '{"error":"invalid_grant"}' }, 'unavailable'],
    ['403 of a firewall', { status: 403, contentType: 'text/html', body: '<h1>no</h1>' }, 'unavailable'],
    ['page of a portal', { status: 200, contentType: 'text/html', body: '<h1>Pay for the network</h1>' }, 'unavailable'],
    ['reply that is no JSON', { status: 200, body: 'eyJhbGciOiJSUzI1NiJ9' }, 'unavailable'],
    ['invalid_client', { status: 400, body: '{"error":"invalid_client"}' }, 'refused'],
  ]) {
    test(`The answer to a refresh is a ${what}: ${code}, and nobody is signed out`, async () => {
      const person = await house.person('plain');
      const page = await person.signIn();
      const before = await token(page);
      await onRefresh(person, route => route.fulfill({ headers: cors, ...answer }));
      const failure = await page.evaluate(() => session.refresh().catch(error => [error.code, error.name, error instanceof Error, String(error.cause ?? '') + error.message]));
      assert.deepEqual(failure.slice(0, 3), [code, 'SessionError', true]);
      assert.doesNotMatch(failure[3], /eyJ/);
      assert.equal(await token(page), before);
      await person.context.unroute('**/oauth2/token');
      // By itself: the provider may have spent the refresh token before something on the way swallowed its answer.
      await event(page, 'refreshed');
      assert.notEqual(await token(page), before);
      assert.deepEqual(await eventsOf(page), ['signed-in', 'refreshed']);
      await person.leave();
    });
  }

  test('A provider that takes a request and never answers signs nobody out, either', async () => {
    const person = await house.person('impatient');
    const page = await person.signIn();
    const before = await token(page);
    await onRefresh(person, () => {});
    assert.equal((await codeOf(page, () => session.refresh())).code, 'unavailable');
    assert.deepEqual([await token(page), person.refreshes], [before, 3]);
    await person.leave();
  });

  test('Retry-After is obeyed, by the other tabs too', async () => {
    const person = await house.person('plain');
    const page = await person.signIn(), other = await person.open();
    await onRefresh(person, route => route.fulfill({ status: 429, headers: { ...cors, 'retry-after': '2' }, body: '{"error":"temporarily_unavailable"}' }));
    assert.deepEqual(await codeOf(page, () => session.refresh()), { code: 'unavailable', reason: undefined, retryAfter: 2 });
    await person.context.unroute('**/oauth2/token');
    for (const tab of [page, other]) {
      const { code, retryAfter } = await codeOf(tab, () => session.refresh());
      assert.deepEqual([code, retryAfter > 0 && retryAfter <= 2, person.refreshes], ['unavailable', true, 1]);
    }
    // Whoever asked may have spent the token, so the tabs do not leave it at that.
    await event(other, 'refreshed');
    assert.equal(person.refreshes, 2);
    await person.leave();
  });

  test('Without a network the session waits, and goes on by itself when the network is back', async () => {
    const person = await house.person('brief');
    const page = await person.signIn();
    await token(page);
    await person.context.setOffline(true);
    await pause(5500);
    assert.equal((await codeOf(page, () => session.getAccessToken())).code, 'unavailable');
    assert.deepEqual((await eventsOf(page)).filter(name => name.startsWith('ended')), []);
    // By now it would ask again in a minute only.
    await page.evaluate(() => { for (let count = 0; count < 7; count++) document.dispatchEvent(new Event('visibilitychange')); });
    await codeOf(page, () => session.getAccessToken());
    const count = (await eventsOf(page)).filter(name => name === 'refreshed').length;
    await pause(1500);
    await person.context.setOffline(false);
    await page.waitForFunction(count => events.filter(({ name }) => name === 'refreshed').length > count, count, { timeout: 20_000 });
    assert.ok(await token(page));
    await person.leave();
  });

  for (const [reason, id, who, how] of [
    ['revoked', 'plain', ben, () => house.admin('AdminUserGlobalSignOut', { Username: ben.username })],
    ['expired', 'ending', ana, () => pause(4500)],
    ['reuse', 'strict', ana, thief],
  ]) {
    test(`A session that was ${reason} has ended in all tabs, for that reason`, async () => {
      const person = await house.person(id);
      const page = await person.signIn('', who), other = await person.open();
      await how(page, person);
      await codeOf(page, () => session.refresh());
      for (const tab of [page, other]) {
        await event(tab, 'ended');
        assert.equal((await eventsOf(tab)).at(-1), `ended: ${reason}`);
        assert.deepEqual(await codeOf(tab, () => session.getAccessToken()), { code: 'signed-out', reason, retryAfter: undefined });
      }
      await person.leave();
    });
  }

  test('After an hour of sleep the first call has a new token', async () => {
    const person = await house.person('plain');
    await person.context.clock.install();
    const page = await person.signIn();
    const before = await token(page);
    await person.context.clock.fastForward('01:00:30');
    const now = await token(page);
    assert.deepEqual([now !== before, person.refreshes], [true, 1]);
    await person.leave();
  });

  for (const hours of [-5, 5]) {
    test(`A clock that is ${hours} hours off changes nothing`, async () => {
      const person = await house.person('brief');
      await person.context.clock.install({ time: Date.now() + hours * 3_600_000 });
      const page = await person.signIn();
      const first = await token(page);
      assert.equal(await token(page), first);
      await event(page, 'refreshed');
      assert.notEqual(await token(page), first);
      assert.ok(person.refreshes <= 2);
      await person.leave();
    });
  }

  test('A clock that is set back does not keep an old token alive', async () => {
    const person = await house.person('plain');
    const page = await person.signIn();
    const before = await token(page);
    await page.evaluate(() => { const { now } = Date; Date.now = () => now() - 86_400_000; });
    assert.notEqual(await token(page), before);
    await person.leave();
  });

  test('Without locks and without IndexedDB, one tab still refreshes once, and others hear of it', async () => {
    const person = await house.person('graceful');
    await person.context.addInitScript(() => {
      Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });
      IDBFactory.prototype.open = () => { throw new DOMException('Not in this window.', 'InvalidStateError'); };
    });
    const page = await person.signIn(), other = await person.open();
    await page.evaluate(() => Promise.all(Array.from({ length: 10 }, () => session.refresh())));
    assert.equal(person.refreshes, 1);
    await event(other, 'refreshed');
    assert.equal(await token(other), await token(page));
    await other.evaluate(() => session.signOut({ everywhere: false }));
    await event(page, 'ended');
    await person.leave();
  });
});
