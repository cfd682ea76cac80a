// Signing in and out, at the pages of Poolhouse.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { claims, codeOf, event, eventsOf, fillIn, pause, started, startHouse, token } from './actors.mjs';

let house;
before(async () => {
  house = await startHouse([
    ...['memory', 'sessionStorage', 'localStorage', 'forged-state', 'foreign-iss', 'missing-iss', 'denied'].map(id => ({ id, grace: 10 })), { id: 'short', access: 2 },
  ]);
  for (const storage of ['sessionStorage', 'localStorage']) house.configure(storage, { storage });
  house.configure('short', { storage: 'localStorage' });
});
after(() => house?.stop());

/** What the tab keeps of tokens, in either storage. */
const kept = page => page.evaluate(() => [sessionStorage, localStorage].map(storage => /refresh/.test(JSON.stringify({ ...storage }))));

describe('Signing in and out', { concurrency: 3 }, () => {
  test('Somebody signs in and is where they were, under a policy that lets no string run', async () => {
    const person = await house.stranger('memory');
    const page = await person.signIn('orders/7?tab=2#end');
    assert.equal(page.url(), `${house.app.origin}/memory/orders/7?tab=2#end`);
    const { user } = await started(page);
    assert.deepEqual([user['cognito:username'], await eventsOf(page)], ['ana', ['signed-in']]);
    const { client_id, sub } = claims(await token(page));
    assert.deepEqual([client_id, sub], ['memory', user.sub]);
    assert.deepEqual([person.grants, person.broken], [['authorization_code'], []]);
    assert.deepEqual(await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, ''], 'something lies about');
    await person.leave();
  });

  test('The sign-in can name another place to return to, and more for the provider', async () => {
    const person = await house.person('memory');
    const page = await person.open();
    const [request] = await Promise.all([person.context.waitForEvent('request', request => request.url().includes('/oauth2/authorize')),
      page.evaluate(() => session.signIn({ returnTo: '/memory/basket?a=b', params: { login_hint: 'ana', state: 'mine' } }))]);
    const query = new URL(request.url()).searchParams;
    assert.deepEqual([query.get('login_hint'), query.get('code_challenge_method'), query.get('scope')], ['ana', 'S256', 'openid email']);
    assert.match(query.get('state'), /^[\w-]{43}$/);
    await fillIn(page);
    await page.waitForURL(`${house.app.origin}/memory/basket?a=b`);
    await person.leave();
  });

  for (const [id, what, code, change] of [
    ['forged-state', 'another state', 'state-mismatch', query => query.set('state', 'forged')],
    ['foreign-iss', 'the iss of another provider', 'issuer-mismatch', query => query.set('iss', 'https://evil.example')],
    ['missing-iss', 'no iss, though discovery promises one,', 'issuer-mismatch', query => query.delete('iss')],
    ['denied', 'an error', 'refused', query => { query.delete('code'); query.set('error', 'access_denied'); }],
  ]) {
    test(`An answer with ${what} is not used: ${code}`, async () => {
      const person = await house.person(id);
      house.app.tampered.set(id, change);
      const page = await person.signIn();
      assert.equal((await started(page)).code, code);
      assert.deepEqual([person.grants, page.url(), await eventsOf(page)], [[], `${house.app.origin}/${id}/back`, []]);
      assert.equal((await codeOf(page, () => session.getAccessToken())).code, 'signed-out');
      await person.leave();
    });
  }

  for (const [what, code, change] of [
    ['another nonce', 'nonce-mismatch', body => ({ nonce: 'replayed', ...body })],
    ['another issuer', 'issuer-mismatch', body => ({ ...body, iss: 'https://evil.example' })],
    ['another audience', 'id-token', body => ({ ...body, aud: 'another' })],
    ['an end before its beginning', 'id-token', body => ({ ...body, exp: body.iat - 1 })],
  ]) {
    test(`An ID token with ${what} is refused: ${code}`, async () => {
      const person = await house.person('memory');
      await person.context.route('**/oauth2/token', async route => {
        const reply = await route.fetch(), json = await reply.json();
        const body = { ...claims(json.id_token) };
        if (what === 'another nonce') delete body.nonce;
        json.id_token = `e30.${Buffer.from(JSON.stringify(change(body))).toString('base64url')}.`;
        await route.fulfill({ response: reply, json });
      });
      const page = await person.signIn();
      assert.equal((await started(page)).code, code);
      assert.deepEqual(await eventsOf(page), []);
      await person.leave();
    });
  }

  test('Whoever is signed in still is after a forged answer', async () => {
    const person = await house.person('sessionStorage');
    const page = await person.signIn();
    await page.goto(`${house.app.origin}/sessionStorage/back?code=stolen&state=forged`);
    assert.equal((await started(page)).code, 'state-mismatch');
    assert.deepEqual([page.url(), await eventsOf(page)], [`${house.app.origin}/sessionStorage/back`, ['signed-in']]);
    assert.equal(claims(await token(page)).username, 'ana');
    await person.leave();
  });

  test('A place to return to is on this site, or the sign-in does not begin', async () => {
    const person = await house.person('memory');
    const page = await person.open();
    const elsewhere = ['//evil.example', '/\\evil.example', '\\\\evil.example', 'https://evil.example', 'javascript:alert(1)', '/\t/evil.example', '/\n/evil.example',
      '\t//evil.example', ' //evil.example', '/\u0000/evil.example', '/\u007f/evil.example', '/.//evil.example', '/..//evil.example', '/.\\/evil.example', '/a/..//evil.example', 'orders', ''];
    for (const returnTo of elsewhere) {
      const failure = await page.evaluate(returnTo => session.signIn({ returnTo }).then(() => 'left', ({ code }) => code), returnTo);
      assert.equal(failure, 'return-to', JSON.stringify(returnTo));
    }
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    await person.leave();
  });

  test('A place to return to that somebody has put into storage is not gone to', async () => {
    const person = await house.person('memory');
    const page = await person.open();
    await page.evaluate(() => session.signIn());
    await page.waitForSelector('input[name=username]');
    await person.context.addInitScript(() => {
      for (const [key, value] of Object.entries(sessionStorage)) sessionStorage.setItem(key, value.replace(/"returnTo":".*?"/, '"returnTo":"//evil.example"'));
    });
    await fillIn(page);
    await page.waitForURL(/\/back/);
    assert.equal((await started(page)).code, 'return-to');
    assert.equal(page.url(), `${house.app.origin}/memory/back`);
    await person.leave();
  });

  test('In memory, tokens are gone after a reload; the other tabs hand them to a new one', async () => {
    const person = await house.person('memory');
    const page = await person.signIn();
    const other = await person.open();
    assert.equal(await token(other), await token(page));
    assert.deepEqual(await kept(other), [false, false]);
    await other.close();
    await page.reload();
    assert.equal((await started(page)).user, null);
    await person.leave();
  });

  for (const storage of ['sessionStorage', 'localStorage']) {
    test(`In ${storage}, a session survives a reload, and lies nowhere else`, async () => {
      const person = await house.person(storage);
      const page = await person.signIn();
      const before = await token(page);
      assert.deepEqual(await kept(page), [storage === 'sessionStorage', storage === 'localStorage']);
      await page.reload();
      assert.equal((await started(page)).user['cognito:username'], 'ana');
      assert.equal(await token(page), before);
      const other = await person.open();
      assert.notEqual((await started(other)).user, null);
      await page.close();
      assert.equal(await token(other), before);
      await other.evaluate(() => session.signOut({ everywhere: false }));
      assert.deepEqual(await kept(other), [false, false]);
      await person.leave();
    });
  }

  test('A reload after the access token has expired refreshes before the page begins', async () => {
    const person = await house.person('short');
    const page = await person.signIn();
    await page.goto('about:blank');
    await pause(2100);
    const again = await person.open();
    assert.equal((await started(again)).user['cognito:username'], 'ana');
    assert.ok(person.refreshes >= 1);
    await person.leave();
  });

  test('Signing out ends the session in all tabs, at the provider, and of every copied token', async () => {
    const person = await house.person('memory');
    const page = await person.signIn(), other = await person.open();
    const copied = await page.evaluate(async () => {
      const channel = new BroadcastChannel(`poolhouse ${(await (await fetch('/options/memory')).json()).issuer} memory`);
      const record = await new Promise(done => { channel.onmessage = ({ data }) => done(data); channel.postMessage({ ask: 0 }); });
      return record.live.refresh;
    });
    await Promise.all([page.waitForURL(`${house.app.origin}/memory/bye`), page.evaluate(() => session.signOut({ everywhere: true }))]);
    await event(other, 'ended');
    assert.deepEqual(await eventsOf(other), ['signed-in', 'ended: signed-out']);
    assert.deepEqual(await codeOf(other, () => session.getAccessToken()), { code: 'signed-out', reason: 'signed-out', retryAfter: undefined });
    const reply = await fetch(`${house.server.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token', client_id: 'memory', refresh_token: copied }) });
    assert.deepEqual([reply.status, (await reply.json()).error_description], [400, 'Refresh Token has been revoked']);
    await other.evaluate(() => session.signIn());
    await other.waitForSelector('input[name=password]');
    await person.leave();
  });

  test('Signing out here only leaves the session at the provider alone', async () => {
    const person = await house.person('memory');
    const page = await person.signIn('here');
    await page.evaluate(() => session.signOut({ everywhere: false }));
    assert.deepEqual([page.url(), await eventsOf(page)], [`${house.app.origin}/memory/here`, ['signed-in', 'ended: signed-out']]);
    await page.evaluate(() => session.signIn({ returnTo: '/memory/there' }));
    await page.waitForURL(`${house.app.origin}/memory/there`);
    await event(page, 'signed-in');
    await person.leave();
  });

  test('Signing out without a network signs out here, and says that the tokens live on', async () => {
    const person = await house.person('memory');
    const page = await person.signIn(), other = await person.open();
    await person.context.setOffline(true);
    assert.equal((await codeOf(page, () => session.signOut({ everywhere: false }))).code, 'unavailable');
    await event(other, 'ended');
    assert.equal(await page.evaluate(() => session.user), null);
    await person.leave();
  });
});
