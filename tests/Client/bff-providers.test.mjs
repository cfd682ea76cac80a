// The real backend for frontends in front of other providers: oidc-provider, which nobody here has written, and Amazon's shapes.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startBff, startTap } from '../actors/bff.mjs';
import { freePort } from '../actors/server.mjs';
import { startBrowser } from '../Browser/actors.mjs';
import { startOidcProvider } from './oidc-provider.mjs';
import { ana, claims, event, eventsOf, Person, pool, secret, startApp, started, startHouse, token } from './actors.mjs';

let app, browser;
before(async () => { [app, browser] = await Promise.all([startApp(), startBrowser()]); });
after(() => Promise.all([app?.stop(), browser?.close()]));

/** The app `shop` behind a backend. */
async function behind(bff) {
  app.options.set('shop', { bff: '/bff' });
  return Person.arrive(browser, { origin: bff.url }, 'shop');
}

/** Waits, in a page that goes on as pages do, until something comes of a call that is made again and again. */
const until = (page, act, value) => page.evaluate(`(async value => { while (!await (${act})(value)) await new Promise(done => setTimeout(done, 100)); })(${JSON.stringify(value)})`);
const renewed = async page => until(page, former => session.getAccessToken().then(now => now !== former), await token(page));
const signedIn = page => page.evaluate(async () => (await (await fetch('/bff/session', { headers: { 'X-Bff': '1' } })).json()).signedIn);
const over = page => until(page, () => session.refresh().then(() => false, ({ code }) => code === 'signed-out'));

test('With oidc-provider: sign-in, refreshes that rotate, its own logout, and a refresh token that is revoked', async t => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const provider = await startOidcProvider({ client_id: 'shop', client_secret: secret, redirect_uris: [`${url}/bff/callback`], post_logout_redirect_uris: [`${url}/bff/signed-out`] }, { ttl: { AccessToken: 2 } });
  const tap = await startTap(provider.issuer);
  const bff = await startBff({
    PublicUrl: url, Authority: tap.url, Provider: 'OpenIdConnect', ClientId: 'shop', ClientSecret: secret, ClientAuthentication: 'Basic', Scopes: ['openid', 'offline_access'],
    AuthorizeParameters: { prompt: 'consent' }, HandOutAccessTokens: true, App: { DevServer: app.origin },
  });
  t.after(() => Promise.all([bff.stop(), tap.stop(), provider.stop()]));
  const person = await behind(bff);
  const signIn = async () => {
    const page = await person.open('orders');
    await page.evaluate(() => session.signIn());
    await provider.fillIn(page);
    await page.waitForURL(`${url}/shop/orders`);
    assert.equal((await started(page)).user.sub, 'ana');
    return page;
  };
  const page = await signIn();
  for (let generation = 0; generation < 3; generation++) await renewed(page);
  assert.ok(tap.grants.filter(grant => grant === 'refresh_token').length >= 3);
  assert.ok(tap.issued('refresh_token').length >= 4, 'they do not rotate');

  const [logout] = await Promise.all([person.context.waitForEvent('request', request => request.url().includes('/session/end')), page.evaluate(() => session.signOut({ everywhere: true }))]);
  const query = new URL(logout.url()).searchParams;
  assert.deepEqual([query.get('client_id'), query.get('post_logout_redirect_uri'), claims(query.get('id_token_hint')).sub], ['shop', `${url}/bff/signed-out`, 'ana']);
  const spent = tap.issued('refresh_token').at(-1);
  await page.click('button[name=logout]');
  await page.waitForURL(`${url}/`);
  assert.equal(await signedIn(page), false);
  assert.equal((await refresh(provider, spent)).error, 'invalid_grant');

  // Revoked at the provider: the session ends with the next refresh, and says so.
  const again = await signIn();
  const revoke = await fetch(`${provider.issuer}/token/revocation`, { method: 'POST', headers: basic, body: new URLSearchParams({ token: tap.issued('refresh_token').at(-1) }) });
  assert.equal(revoke.status, 200);
  await over(again);
  assert.equal((await eventsOf(again)).at(-1), 'ended: revoked');
  await person.leave();
});

const basic = { authorization: `Basic ${Buffer.from(`shop:${secret}`).toString('base64')}` };
const refresh = async (provider, refresh_token) => (await fetch(`${provider.issuer}/token`, { method: 'POST', headers: basic, body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token }) })).json();

test('With the tokens and the logout of Amazon', async t => {
  const url = `http://127.0.0.1:${await freePort()}`;
  const house = await startHouse([{ id: 'page' }, { id: 'shop', grace: 10, access: 2, backend: url }], { tags: { 'poolhouse:Issuer': 'aws' } });
  const tap = await startTap(house.issuer);
  // Amazon's document may name neither of these.
  delete tap.found.revocation_endpoint;
  delete tap.found.end_session_endpoint;
  const bff = await startBff({ PublicUrl: url, Authority: tap.url, Provider: 'Cognito', ClientId: 'shop', ClientSecret: secret, HandOutAccessTokens: true, App: { DevServer: app.origin } });
  t.after(() => Promise.all([bff.stop(), tap.stop(), house.stop()]));
  const person = await behind(bff), page = await person.signIn();
  const issuer = `https://cognito-idp.us-east-1.amazonaws.com/${pool}`;
  assert.deepEqual([claims(await token(page)).iss, (await started(page)).user['cognito:username']], [issuer, 'ana']);
  await renewed(page);
  assert.deepEqual([claims(await token(page)).iss, tap.issued('refresh_token').length >= 2], [issuer, true]);

  const [logout] = await Promise.all([person.context.waitForEvent('request', request => request.url().includes('/logout?client_id')), page.evaluate(() => session.signOut({ everywhere: true }))]);
  assert.equal(new URL(logout.url()).origin, house.server.url);
  assert.deepEqual([...new URL(logout.url()).searchParams], [['client_id', 'shop'], ['logout_uri', `${url}/bff/signed-out`]]);
  await page.waitForURL(`${url}/`);
  assert.equal(await signedIn(page), false);

  // There is no feed at Amazon: what is revoked there ends with the next refresh.
  const again = await person.signIn();
  await house.admin('AdminUserGlobalSignOut', { Username: ana.username });
  await over(again);
  assert.equal((await eventsOf(again)).at(-1), 'ended: revoked');
  await person.leave();
});
