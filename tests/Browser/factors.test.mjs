// Second factors and the choice of the first one at the hosted pages, in a real browser that runs no script.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startServer } from '../actors/server.mjs';
import { AuthenticatorApp } from '../actors/totp.mjs';
import { closed, startApp, startBrowser } from './actors.mjs';

const shots = fileURLToPath(new URL('../../artifacts/screenshots/', import.meta.url));
const verifier = 'a-verifier-of-at-least-forty-three-characters-it-says';
const password = 'Swim-lanes-1';
const appAndMail = { SoftwareTokenMfaConfiguration: { Enabled: true }, EmailMfaConfiguration: {} };

let server, app, browser;
before(async () => {
  server = await startServer();
  app = await startApp();
  browser = await startBrowser();
  await mkdir(shots, { recursive: true });
});
after(() => Promise.all([server?.stop(), app?.stop(), browser?.close()]));

async function api(operation, body) {
  const reply = await fetch(server.url, {
    method: 'POST',
    headers: {
      'x-amz-target': `AWSCognitoIdentityProviderService.${operation}`, 'content-type': 'application/x-amz-json-1.1',
      authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/cognito-idp/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
    },
    body: JSON.stringify(body),
  });
  const answer = await reply.json();
  assert.equal(reply.status, 200, `${operation}: ${JSON.stringify(answer)}`);
  return answer;
}

/** A pool of its own, with an app that sends people to its pages. */
async function house({ mfa, factors, flows = ['ALLOW_USER_PASSWORD_AUTH'] } = {}) {
  const { UserPool: { Id: UserPoolId } } = await api('CreateUserPool', {
    PoolName: 'Lido', AutoVerifiedAttributes: ['email'], ...factors && { Policies: { SignInPolicy: { AllowedFirstAuthFactors: factors } } },
  });
  if (mfa) await api('SetUserPoolMfaConfig', { UserPoolId, ...mfa });
  const { UserPoolClient: { ClientId } } = await api('CreateUserPoolClient', {
    UserPoolId, ClientName: 'Season ticket', ExplicitAuthFlows: flows, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'],
    AllowedOAuthScopes: ['openid', 'aws.cognito.signin.user.admin'], CallbackURLs: [app.origin],
  });
  const user = async (Username, attributes = {}) => {
    await api('AdminCreateUser', { UserPoolId, Username, MessageAction: 'SUPPRESS', UserAttributes: Object.entries(attributes).map(([Name, Value]) => ({ Name, Value })) });
    await api('AdminSetUserPassword', { UserPoolId, Username, Password: password, Permanent: true });
  };
  const link = `${server.url}/oauth2/authorize?${new URLSearchParams({
    response_type: 'code', client_id: ClientId, redirect_uri: app.origin, scope: 'openid', state: 'here and back',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
  })}`;
  return { UserPoolId, ClientId, user, link };
}

/** A browser of its own, which notes what the policy of a page has forbidden. */
async function person(options) {
  const context = await browser.newContext({ javaScriptEnabled: false, ...options });
  const page = await context.newPage();
  const noted = [];
  page.on('console', message => { if (/content security policy|refused to/i.test(message.text())) noted.push(message.text()); });
  return { page, async close() { await closed(context); assert.deepEqual(noted, []); } };
}

const fill = async (page, values) => { for (const [name, value] of Object.entries(values)) await page.fill(`input[name="${name}"]`, value); };
const heading = page => page.textContent('h1');

async function signIn(page, link, username, secret = password) {
  await page.goto(link);
  await fill(page, { username, password: secret });
  await page.click('text=Sign in >> nth=-1');
}

async function type(page, code) {
  await page.fill('input[name=code]', code);
  await page.click('button:has-text("Continue")');
}

async function arrives(page) {
  await page.waitForURL(url => url.origin === app.origin);
  assert.match(new URL(page.url()).searchParams.get('code'), /^[0-9a-f-]{36}$/);
}

async function codeOf(username) {
  const reply = await fetch(`${server.url}/dev/inbox?username=${encodeURIComponent(username)}`, { headers: { accept: 'application/json' } });
  return (await reply.json())[0].code;
}

/** The authenticator app that scanned the page: its link, which must say the same as the key that can be typed. */
async function scan(page) {
  const link = new URL(await page.getAttribute('.scan a', 'href'));
  assert.equal(link.searchParams.get('secret'), (await page.textContent('.key')).replaceAll(/\s/g, ''));
  return new AuthenticatorApp(link.searchParams.get('secret'));
}

const wrong = right => right === '000000' ? '000001' : '000000';

test('An authenticator app is set up on the way in, and its code is asked for the next time', async () => {
  const { user, link } = await house({ mfa: { MfaConfiguration: 'ON', SoftwareTokenMfaConfiguration: { Enabled: true } } });
  await user('ana');
  const first = await person();
  await signIn(first.page, link, 'ana');
  assert.equal(await heading(first.page), 'Add a second step');
  const phone = await scan(first.page);
  const key = await first.page.textContent('.key');
  await first.page.reload();
  assert.equal(await first.page.textContent('.key'), key);
  const shown = phone.code();
  await type(first.page, wrong(shown));
  assert.match(await first.page.textContent('[role=alert]'), /Type the one that the app shows now/);
  await type(first.page, shown);
  await arrives(first.page);
  await first.close();

  const second = await person();
  await signIn(second.page, link, 'ana');
  assert.equal(await heading(second.page), 'Enter your code');
  const right = phone.code();
  await type(second.page, wrong(right));
  assert.match(await second.page.textContent('[role=alert]'), /This code is not right/);
  await type(second.page, right);
  await arrives(second.page);
  await second.page.goto(link);
  await arrives(second.page);
  await second.close();
});

test('Of two factors one is chosen, and the code comes by e-mail', async () => {
  const { ClientId, user, link } = await house({ mfa: { MfaConfiguration: 'OPTIONAL', ...appAndMail } });
  await user('ben', { email: 'ben@swim.example', email_verified: 'true' });
  const { AuthenticationResult: { AccessToken } } = await api('InitiateAuth', { ClientId, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'ben', PASSWORD: password } });
  const { SecretCode } = await api('AssociateSoftwareToken', { AccessToken });
  const phone = new AuthenticatorApp(SecretCode);
  await api('VerifySoftwareToken', { AccessToken, UserCode: phone.code(), FriendlyDeviceName: 'Ben’s phone' });
  await api('SetUserMFAPreference', { AccessToken, SoftwareTokenMfaSettings: { Enabled: true }, EmailMfaSettings: { Enabled: true } });
  for (const [choice, code] of [['Email me a code', () => codeOf('ben')], ['Ben’s phone', () => phone.code()]]) {
    const { page, close } = await person();
    await signIn(page, link, 'ben');
    assert.equal(await heading(page), 'Show that it is you');
    await page.click(`button:has-text("${choice}")`);
    await type(page, await code());
    await arrives(page);
    await close();
  }
});

test('A temporary password is replaced, and then a second factor is set up by e-mail', async () => {
  const { UserPoolId, link } = await house({ mfa: { MfaConfiguration: 'ON', ...appAndMail } });
  await api('AdminCreateUser', { UserPoolId, Username: 'cleo', TemporaryPassword: 'Temp-lanes-1', MessageAction: 'SUPPRESS' });
  const { page, close } = await person();
  await signIn(page, link, 'cleo', 'Temp-lanes-1');
  await page.fill('input[name=new_password]', password);
  await page.click('text=Save and continue');
  assert.equal(await heading(page), 'Add a second step');
  await page.fill('input[name="attribute.email"]', 'cleo@swim.example');
  await page.click('text=Send code');
  assert.match(await page.textContent('.lead'), /c\*\*\*@s\*\*\*/);
  await type(page, await codeOf('cleo'));
  await arrives(page);
  await close();
});

test('The name comes first, and a code by e-mail takes the place of the password', async () => {
  const { user, link } = await house({ factors: ['PASSWORD', 'EMAIL_OTP'], flows: ['ALLOW_USER_AUTH'] });
  await user('dora', { email: 'dora@swim.example', email_verified: 'true' });
  for (const byMail of [true, false]) {
    const { page, close } = await person();
    await page.goto(link);
    await page.fill('input[name=username]', 'dora');
    await page.click('text=Continue');
    if (byMail) {
      await page.click('text=Email me a code');
      await type(page, await codeOf('dora'));
    } else {
      await page.fill('input[name=password]', password);
      await page.keyboard.press('Enter');
    }
    await arrives(page);
    await close();
  }
});

test('The pages look as they should on a desktop and on a phone, by day and by night', async () => {
  const factors = await house({ mfa: { MfaConfiguration: 'ON', ...appAndMail } });
  const choice = await house({ factors: ['PASSWORD', 'EMAIL_OTP', 'SMS_OTP'], flows: ['ALLOW_USER_AUTH'] });
  await choice.user('fay', { email: 'fay@swim.example', phone_number: '+15550109934' });
  const desktop = { viewport: { width: 1280, height: 800 } };
  const small = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true };
  const looks = { desktop, 'desktop-dark': { ...desktop, colorScheme: 'dark' }, phone: small, 'phone-dark': { ...small, colorScheme: 'dark' } };
  for (const [look, options] of Object.entries(looks)) {
    const { page, close } = await person({ ...options, javaScriptEnabled: true });
    const seen = async name => {
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth), false, `${name} scrolls sideways on ${look}`);
      await page.screenshot({ path: `${shots}factors-${name}-${look}.png`, fullPage: true });
    };
    const username = `erna-${look}`;
    await factors.user(username);
    await signIn(page, factors.link, username);
    await seen('setup');
    const phone = await scan(page);
    const shown = phone.code();
    await type(page, wrong(shown));
    await seen('setup-refused');
    await type(page, shown);
    await arrives(page);
    await page.context().clearCookies();
    await signIn(page, factors.link, username);
    await seen('code');
    await api('AdminUpdateUserAttributes', { UserPoolId: factors.UserPoolId, Username: username, UserAttributes: [{ Name: 'email', Value: `${username}@swim.example` }, { Name: 'email_verified', Value: 'true' }] });
    await api('AdminSetUserMFAPreference', { UserPoolId: factors.UserPoolId, Username: username, SoftwareTokenMfaSettings: { Enabled: true }, EmailMfaSettings: { Enabled: true } });
    await signIn(page, factors.link, username);
    await seen('option');
    await page.goto(choice.link);
    await seen('name');
    await page.fill('input[name=username]', 'fay');
    await page.click('text=Continue');
    await seen('factor');
    await page.click('text=Text me a code');
    await type(page, '000000');
    await seen('code-refused');
    await close();
  }
});
