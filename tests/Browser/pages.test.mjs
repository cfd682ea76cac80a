// The hosted pages in a real browser: by keyboard, without scripts, on a phone, in the dark, in a frame, under fire.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { demo, publicClient } from '../actors/seed.mjs';
import { startServer } from '../actors/server.mjs';
import { closed, startApp, startBrowser } from './actors.mjs';

const shots = fileURLToPath(new URL('../../artifacts/screenshots/', import.meta.url));
const verifier = 'a-verifier-of-at-least-forty-three-characters-it-says';

let server, app, browser;
// One by one, so that what was started is stopped even if the next cannot be.
before(async () => {
  server = await startServer();
  app = await startApp();
  browser = await startBrowser();
  await mkdir(shots, { recursive: true });
});
after(() => Promise.all([server?.stop(), app?.stop(), browser?.close()]));

const link = (path, changes = {}) => `${server.url}${path}?${new URLSearchParams({
  response_type: 'code', client_id: publicClient.Id, redirect_uri: app.origin, scope: 'openid email', state: 'here and back',
  code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256', ...changes,
})}`;

// A browser of its own, which notes what should never happen.
async function person(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const noted = [];
  page.on('dialog', dialog => { noted.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on('console', message => { if (/content security policy|refused to/i.test(message.text())) noted.push(message.text()); });
  page.on('request', request => { if (!request.url().startsWith(server.url) && !request.url().startsWith(app.origin)) noted.push(`asked for ${request.url()}`); });
  return { page, noted, close: () => closed(context) };
}

async function arrives(page) {
  await page.waitForURL(url => url.origin === app.origin);
  const back = new URL(page.url());
  assert.equal(back.searchParams.get('state'), 'here and back');
  assert.match(back.searchParams.get('code'), /^[0-9a-f-]{36}$/);
}

async function codeOf(username) {
  const reply = await fetch(`${server.url}/dev/inbox?username=${encodeURIComponent(username)}`, { headers: { accept: 'application/json' } });
  return (await reply.json())[0].code;
}

const fill = async (page, values) => { for (const [name, value] of Object.entries(values)) await page.fill(`input[name="${name}"]`, value); };

async function signUp(page, username) {
  await page.goto(link('/login'));
  await page.click('text=Create an account');
  await fill(page, { username, 'attribute.email': `${username}@example.com`, password: 'Swim-lanes-1' });
  await page.click('button[type=submit]');
  await page.waitForURL(/\/confirm\?/);
  await page.fill('input[name=code]', await codeOf(username));
  await page.click('text=Confirm account');
  await arrives(page);
}

test('Somebody signs up, types the code from the inbox, and is in the app', async () => {
  const { page, noted, close } = await person();
  await signUp(page, 'nadja');
  assert.deepEqual(noted, []);
  await close();
});

test('A forgotten password is reset by the code from the inbox', async () => {
  const first = await person();
  await signUp(first.page, 'otto');
  await first.close();
  const { page, noted, close } = await person();
  await page.goto(link('/oauth2/authorize'));
  await page.click('text=Forgot your password?');
  await page.fill('input[name=username]', 'otto');
  await page.click('text=Send code');
  await page.waitForURL(/\/confirmforgotPassword\?/);
  await fill(page, { code: await codeOf('otto'), new_password: 'Swim-lanes-2' });
  await page.click('text=Change password');
  await page.waitForURL(/\/login\?/);
  assert.equal(await page.inputValue('input[name=username]'), 'otto');
  await page.fill('input[name=password]', 'Swim-lanes-2');
  await page.keyboard.press('Enter');
  await arrives(page);
  assert.deepEqual(noted, []);
  await close();
});

test('Somebody signs in with nothing but a keyboard', async () => {
  const { page, close } = await person();
  await page.goto(link('/oauth2/authorize'));
  const focused = () => page.evaluate(() => document.activeElement.name || document.activeElement.type || document.activeElement.tagName);
  for (const [expected, text] of [['username', demo.username], ['password', demo.password], ['submit', '']]) {
    await page.keyboard.press('Tab');
    assert.equal(await focused(), expected);
    await page.keyboard.type(text);
  }
  await page.keyboard.press('Space');
  await arrives(page);
  await close();
});

test('Signing in needs no script', async () => {
  const { page, noted, close } = await person({ javaScriptEnabled: false });
  await page.goto(link('/oauth2/authorize'));
  await fill(page, demo);
  await page.click('button[type=submit]');
  await arrives(page);
  assert.deepEqual(noted, []);
  await close();
});

test('A frame on another origin stays blank', async () => {
  const { page, close } = await person();
  await page.goto(app.origin);
  for (const path of ['/login', '/signup', '/forgotPassword', '/oauth2/authorize', '/signedout']) {
    await page.evaluate(url => new Promise(done => {
      const frame = Object.assign(document.createElement('iframe'), { src: url, onload: done });
      document.body.replaceChildren(frame);
    }), link(path));
    const frame = page.frames().at(-1);
    assert.equal(await frame.locator('input, .heading').count(), 0, path);
    assert.doesNotMatch(frame.url(), /^http:/, path);
  }
  await close();
});

test('A form that another origin sends signs nobody in', async () => {
  const { page, close } = await person();
  await page.goto(app.origin);
  await page.evaluate(([url, user]) => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: url });
    for (const [name, value] of Object.entries({ ...user, _csrf: 'x.x' })) form.append(Object.assign(document.createElement('input'), { name, value }));
    document.body.append(form);
    form.submit();
  }, [link('/login'), demo]);
  await page.waitForURL(/\/login\?/);
  assert.match(await page.textContent('[role=alert]'), /Please try again/);
  assert.equal(await page.inputValue('input[name=username]'), '');
  await fill(page, demo);
  await page.click('button[type=submit]');
  await arrives(page);
  await close();
});

test('Hostile text in any parameter of any page does nothing', async () => {
  const { page, noted, close } = await person();
  const hostile = '"\'></title></style></textarea></script><script>alert(1)</script><svg onload=alert(2)><img src=x onerror=alert(3)>javascript:alert(4)';
  // Those that decide where a request ends one by one, the rest together.
  const sets = [['client_id'], ['redirect_uri'], ['scope'], ['prompt'], ['state', 'login_hint', 'nonce', 'lang', 'logout_uri', 'error', 'anything']];
  const paths = ['/oauth2/authorize', '/login', '/signup', '/confirm', '/resendcode', '/forgotPassword', '/confirmforgotPassword', '/logout', '/error'];
  for (const path of paths) for (const names of sets) {
    await page.goto(link(path, Object.fromEntries(names.map(name => [name, hostile]))));
    if (new URL(page.url()).origin === app.origin) continue; // refused at the app's own address, which shows nothing of it
    const found = await page.evaluate(() => [...document.querySelectorAll('*')].filter(element =>
      ['SCRIPT', 'IFRAME', 'OBJECT', 'svg'].includes(element.tagName) || [...element.attributes].some(one => /^on/i.test(one.name) || /^\s*javascript:/i.test(one.value))).map(element => element.outerHTML));
    assert.deepEqual(found, [], `${path} ${names}`);
  }
  assert.deepEqual(noted, []);
  await close();
});

test('The pages look as they should on a desktop and on a phone, by day and by night', async () => {
  const looks = {
    desktop: { viewport: { width: 1280, height: 800 } },
    'desktop-dark': { viewport: { width: 1280, height: 800 }, colorScheme: 'dark' },
    phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 },
    'phone-dark': { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: 'dark' },
  };
  for (const [look, options] of Object.entries(looks)) {
    const { page, close } = await person(options);
    for (const path of ['/login', '/signup', '/confirmforgotPassword', '/error']) {
      await page.goto(link(path));
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth), false, `${path} scrolls sideways on ${look}`);
      await page.screenshot({ path: `${shots}pages${path.replaceAll('/', '-')}-${look}.png`, fullPage: true });
    }
    await page.goto(link('/login'));
    await fill(page, { username: 'demo', password: 'wrong' });
    await page.keyboard.press('Enter');
    await page.waitForSelector('[role=alert]');
    await page.screenshot({ path: `${shots}pages-login-refused-${look}.png`, fullPage: true });
    await close();
  }
});
