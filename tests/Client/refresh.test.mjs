// One refresh and what becomes of it: when it is due, answers that are lost or are no answer, and clocks that are off.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { claims, codeOf, cors, event, eventsOf, onRefresh, pause, refresh, signedIn, started, startHouse, swallowed, token } from './actors.mjs';

let house;
before(async () => {
  house = await startHouse([
    { id: 'graceful', grace: 30 }, { id: 'graceful-stored', grace: 30 }, { id: 'plain' }, { id: 'impatient' }, { id: 'brief', access: 5, grace: 0 },
  ]);
  house.configure('graceful-stored', { storage: 'localStorage' });
  house.configure('impatient', { timeout: 3 });
});
after(() => house?.stop());

describe('A refresh', { concurrency: 3 }, () => {
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
});
