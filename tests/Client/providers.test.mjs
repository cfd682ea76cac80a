// Providers other than a pool of Poolhouse with its own issuer: oidc-provider, which nobody here has written, and Amazon's shapes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBrowser } from '../Browser/actors.mjs';
import { startOidcProvider } from './oidc-provider.mjs';
import { claims, event, eventsOf, fillIn, Person, pool, startApp, startHouse, started, token } from './actors.mjs';

let app, browser;
before(async () => { [app, browser] = await Promise.all([startApp(), startBrowser()]); });
after(() => Promise.all([app?.stop(), browser?.close()]));

test('With oidc-provider: sign-in, a refresh that rotates, tabs, and its own logout', async () => {
  const provider = await startOidcProvider({
    client_id: 'oidc', token_endpoint_auth_method: 'none', redirect_uris: [`${app.origin}/oidc/back`], post_logout_redirect_uris: [`${app.origin}/oidc/bye`],
  });
  app.options.set('oidc', {
    issuer: provider.issuer, clientId: 'oidc', redirectUri: `${app.origin}/oidc/back`, logoutUri: `${app.origin}/oidc/bye`, scopes: ['openid', 'offline_access'],
  });
  const person = await Person.arrive(browser, app, 'oidc');
  const page = await person.open('here#there');
  await page.evaluate(() => session.signIn({ params: { prompt: 'consent' } }));
  await provider.fillIn(page);
  await page.waitForURL(`${app.origin}/oidc/here#there`);
  assert.equal((await started(page)).user.sub, 'ana');

  const other = await person.open();
  for (const tab of [page, other]) {
    const before = await token(tab);
    await tab.evaluate(() => session.refresh());
    assert.notEqual(await token(tab), before);
  }
  assert.deepEqual([person.refreshes, await token(page) === await token(other)], [2, true]);

  const [logout] = await Promise.all([person.context.waitForEvent('request', request => request.url().includes('/session/end')), page.evaluate(() => session.signOut())]);
  const query = new URL(logout.url()).searchParams;
  assert.deepEqual([query.get('client_id'), query.get('post_logout_redirect_uri'), claims(query.get('id_token_hint')).sub], ['oidc', `${app.origin}/oidc/bye`, 'ana']);
  await page.click('button[name=logout]');
  await page.waitForURL(`${app.origin}/oidc/bye`);
  await event(other, 'ended');
  await person.leave();
  await provider.stop();
});

test('With the issuer of Amazon, and a discovery document that leaves two endpoints out', async () => {
  const house = await startHouse([{ id: 'shop', grace: 10 }], { tags: { 'poolhouse:Issuer': 'aws' } });
  const found = await (await fetch(`${house.issuer}/.well-known/openid-configuration`)).json();
  assert.equal(found.issuer, `https://cognito-idp.us-east-1.amazonaws.com/${pool}`);
  const { issuer, authorization_endpoint, token_endpoint } = found;
  house.configure('shop', { issuer, metadata: { issuer, authorization_endpoint, token_endpoint } });
  const person = await house.person('shop');
  const page = await person.signIn('here');
  assert.equal(claims(await token(page)).iss, issuer);
  await page.evaluate(() => session.refresh());

  const asked = url => person.context.waitForEvent('request', request => url.test(request.url()));
  const [revoke, logout] = await Promise.all([asked(/\/oauth2\/revoke$/), asked(/\/logout\?/), page.evaluate(() => session.signOut())]);
  assert.equal(new URL(revoke.url()).origin, house.server.url);
  assert.deepEqual([...new URL(logout.url()).searchParams], [['client_id', 'shop'], ['logout_uri', `${house.app.origin}/shop/bye`]]);
  await page.waitForURL(`${house.app.origin}/shop/bye`);

  // The same, with the document at an address that is not below the issuer.
  house.configure('shop', { issuer, metadata: `${house.issuer}/.well-known/openid-configuration` });
  const again = await person.open();
  await again.evaluate(() => session.signIn());
  await fillIn(again);
  await again.waitForURL(/\/shop\/$/);
  assert.deepEqual(await eventsOf(again), ['signed-in']);
  await person.leave();
  await house.stop();
});

for (const [what, change, code] of [
  ['speaks for another issuer', found => ({ ...found, issuer: 'https://evil.example' }), 'issuer-mismatch'],
  ['names a script as an endpoint', found => ({ ...found, authorization_endpoint: 'javascript:alert(1)//' }), 'options'],
  ['leads an https issuer into the clear', found => ({ ...found, token_endpoint: 'http://id.example/token' }), 'options'],
]) {
  test(`A discovery document that ${what} is not used`, async () => {
    app.options.set('other', { issuer: 'https://id.example', clientId: 'other', redirectUri: `${app.origin}/other/back` });
    const person = await Person.arrive(browser, app, 'other');
    await person.context.route('https://id.example/.well-known/openid-configuration', route => route.fulfill({
      headers: { 'access-control-allow-origin': '*' },
      json: change({ issuer: 'https://id.example', authorization_endpoint: 'https://id.example/authorize', token_endpoint: 'https://id.example/token' }),
    }));
    const page = await person.open();
    assert.equal(await page.evaluate(() => session.signIn().then(() => 'left', ({ code }) => code)), code);
    assert.equal(await page.evaluate(() => sessionStorage.length), 0);
    await person.leave();
  });
}

test('A provider that gives no refresh token: the session ends with the access token', async () => {
  app.options.set('short', { issuer: 'https://id.example', clientId: 'short', redirectUri: `${app.origin}/short/back` });
  const person = await Person.arrive(browser, app, 'short');
  const headers = { 'access-control-allow-origin': '*' };
  let nonce;
  await person.context.route('https://id.example/**', route => {
    const url = new URL(route.request().url());
    if (url.pathname === '/authorize') {
      nonce = url.searchParams.get('nonce');
      return route.fulfill({ status: 302, headers: { location: `${app.origin}/short/back?code=c&state=${url.searchParams.get('state')}` } });
    }
    if (url.pathname === '/token') {
      const now = Date.now() / 1000, id = { iss: 'https://id.example', aud: ['short'], sub: 'ana', nonce, iat: now, exp: now + 3 };
      return route.fulfill({ headers, json: { access_token: 'opaque', token_type: 'bearer', expires_in: 3, id_token: `e30.${Buffer.from(JSON.stringify(id)).toString('base64url')}.` } });
    }
    return route.fulfill({ headers, json: { issuer: 'https://id.example', authorization_endpoint: 'https://id.example/authorize', token_endpoint: 'https://id.example/token' } });
  });
  const page = await person.open();
  await page.evaluate(() => session.signIn({ returnTo: '/short/home' }));
  await page.waitForURL(`${app.origin}/short/home`);
  await event(page, 'ended');
  assert.deepEqual([await eventsOf(page), person.grants], [['signed-in', 'ended: expired'], ['authorization_code']]);
  await person.leave();
});
