// Many tabs, one session: who refreshes, and what each of them learns. The clients rotate; with a grace of 0 a refresh token that is used
// twice signs everybody out.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ana, ben, codeOf, cors, event, eventsOf, eventually, onRefresh, pause, refresh, signedIn, started, startHouse, swallowed, token } from './actors.mjs';

let house;
before(async () => {
  house = await startHouse([
    { id: 'strict', grace: 0 }, { id: 'strict-stored', grace: 0 }, { id: 'graceful', grace: 30 }, { id: 'plain' },
    { id: 'brief', access: 5, grace: 0 }, { id: 'ending', access: 2, refresh: 4 },
  ]);
  house.configure('strict-stored', { storage: 'sessionStorage' });
});
after(() => house?.stop());

/** Somebody who has copied the refresh token, and is faster than the page that presents it. */
async function thief(page, person) {
  await onRefresh(person, async route => {
    await fetch(route.request().url(), { method: 'POST', body: new URLSearchParams(route.request().postData()) });
    await route.continue();
  });
}

/** As browsers are that have no Web Locks. */
const withoutLocks = person => person.context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));

describe('Many tabs', { concurrency: 3 }, () => {
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
    // News take a moment, and a token that is good enough is given until they are there.
    await eventually(async () => {
      const held = new Set(await Promise.all(pages.map(token))).size;
      return held === 1 ? '' : `${held} tokens in ${pages.length} tabs`;
    });
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

  // The refresh token has been spent then, and is of use for the grace only: nobody may wait until the access token is due.
  for (const [what, prepare] of [['', () => {}], [', without locks too', withoutLocks]]) {
    test(`A tab that is closed in the middle of a refresh leaves it to the others, who take it up without being asked${what}`, async () => {
      const person = await house.person('graceful');
      await prepare(person);
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
  }

  test('Without locks, a tab whose reply got lost does not ask again with a token that another tab has gone past', async () => {
    const person = await house.person('graceful');
    await withoutLocks(person);
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

  test('Without locks and without IndexedDB, one tab still refreshes once, and others hear of it', async () => {
    const person = await house.person('graceful');
    await withoutLocks(person);
    await person.context.addInitScript(() => {
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
