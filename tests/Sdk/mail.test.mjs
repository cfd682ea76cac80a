// E-mail and SMS of `poolhouse serve`: through a real mail server with TLS and a sign-in, and a webhook; what happens when they are out of order.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { certificate, startMail } from '../actors/mail.mjs';
import { beside, createKey, freePort, startServer, temporary } from '../actors/server.mjs';
import { Pool, listed, password, sdk } from './actors.mjs';

const user = ['poolhouse', 'smtp-canary-9'];
const sender = 'Poolhouse <no-reply@id.example.com>';
let cert, mail, server, api, webhook;

const messages = (server, ...args) => beside(server, 'messages', ...args);

/** An API client with an access key of its own. */
const caller = async server => sdk(server.url, { credentials: await createKey(server) });

async function eventually(holds, what, seconds = 30) {
  for (const deadline = Date.now() + seconds * 1000; ; await pause(100)) {
    const found = await holds();
    if (found) return found;
    assert.ok(Date.now() < deadline, typeof what === 'function' ? what() : what);
  }
}

const serve = env => startServer({ verb: 'serve', env: { SSL_CERT_FILE: cert.cert, POOLHOUSE_Mail__From: sender, POOLHOUSE_Mail__Host: 'localhost', ...env } });
const withMail = (port, env) => serve({ POOLHOUSE_Mail__Port: String(port), POOLHOUSE_Mail__Username: user[0], POOLHOUSE_Mail__Password: user[1], ...env });

/** A webhook as a team writes one; `answer` decides. */
async function startWebhook() {
  const calls = [];
  const hook = { calls, answer: () => 200 };
  const listener = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    calls.push({ ...JSON.parse(body), authorization: request.headers.authorization, type: request.headers['content-type'] });
    response.writeHead(hook.answer(calls.at(-1))).end();
  }).listen(0, '127.0.0.1');
  await new Promise(done => listener.once('listening', done));
  return Object.assign(hook, { url: `http://127.0.0.1:${listener.address().port}/sms`, stop: () => listener.close() });
}

before(async () => {
  cert = await certificate();
  [mail, webhook] = [await startMail({ starttls: cert, user }), await startWebhook()];
  server = await withMail(mail.port, {
    POOLHOUSE_Sms__Url: webhook.url, POOLHOUSE_Sms__Authorization: 'Bearer sms-canary-9', POOLHOUSE_Outbound__AllowPrivate: '127.0.0.0/8',
  });
  api = await caller(server);
});
after(() => Promise.all([server?.stop(), mail?.stop(), webhook?.stop()]));

async function signUp(t, name, { api: by = api, settings, address = `${name}@example.com`, attribute = 'email' } = {}) {
  const pool = await Pool.create(t, by, { AutoVerifiedAttributes: [attribute], ...settings });
  const client = await pool.client();
  const reply = await by.signUp({ ClientId: client.ClientId, Username: name, Password: password, UserAttributes: listed({ [attribute]: address }) });
  return { pool, client, reply, confirm: code => by.confirmSignUp({ ClientId: client.ClientId, Username: name, ConfirmationCode: code }) };
}

test('The code of a sign-up arrives by e-mail, over TLS, and confirms it', async t => {
  const { reply, confirm, pool, client } = await signUp(t, 'ana');
  assert.deepEqual([reply.CodeDeliveryDetails.DeliveryMedium, reply.CodeDeliveryDetails.Destination], ['EMAIL', 'a***@e***']);
  const got = await mail.to('ana@example.com');
  assert.deepEqual([got.tls, got.user, got.sender, got.type], [true, user[0], 'no-reply@id.example.com', 'text/plain']);
  assert.deepEqual(['From', 'To', 'Subject', 'Auto-Submitted'].map(got.header), [sender, 'ana@example.com', 'Your verification code', 'auto-generated']);
  assert.match(got.header('Message-ID'), /^<[0-9a-f-]{36}@id\.example\.com>$/);
  const [, code] = got.body.match(/^Your confirmation code is (\d{6})\s*$/);
  await confirm(code);
  assert.ok((await pool.signIn(client, 'ana')).AccessToken);
  // What was delivered is forgotten: the database keeps no address and no code longer than it must.
  await eventually(async () => (await messages(server, 'list')) === 'Nothing waits.\n', 'it is still in the queue');
});

test('An invitation has the texts of the pool, and what stands in them is no markup', async t => {
  const pool = await Pool.create(t, api, {
    AdminCreateUserConfig: { InviteMessageTemplate: { EmailSubject: 'Willkommen, schön', EmailMessage: '<p>You are <b>{username}</b>, {####} opens</p>', SMSMessage: '{username} {####}' } },
    EmailConfiguration: { EmailSendingAccount: 'DEVELOPER', SourceArn: 'arn:aws:ses:us-east-1:000000000000:identity/id.example.com', From: 'Swim School <swim@id.example.com>', ReplyToEmailAddress: 'desk@id.example.com' },
  });
  await api.adminCreateUser({ ...pool.in, Username: 'bea<b>', TemporaryPassword: 'Swim<1>&2', UserAttributes: listed({ email: 'bea@example.com' }), DesiredDeliveryMediums: ['EMAIL'] });
  const got = await mail.to('bea@example.com');
  assert.deepEqual(['From', 'Reply-To', 'Subject'].map(got.header), ['Swim School <swim@id.example.com>', 'desk@id.example.com', 'Willkommen, schön']);
  assert.deepEqual([got.type, got.body.trim()], ['text/html', '<p>You are <b>bea&lt;b&gt;</b>, Swim&lt;1&gt;&amp;2 opens</p>']);
});

test('Where the pool wants links, the link in the message confirms the sign-up, once', async t => {
  const { pool, client } = await signUp(t, 'cleo', {
    settings: { VerificationMessageTemplate: { DefaultEmailOption: 'CONFIRM_WITH_LINK', EmailSubjectByLink: 'Is it you?', EmailMessageByLink: 'Hello, {##yes, it is me##}.' } },
  });
  const got = await mail.to('cleo@example.com');
  assert.deepEqual([got.header('Subject'), got.type], ['Is it you?', 'text/html']);
  const [, link] = got.body.match(/^Hello, <a href="([^"]+)">yes, it is me<\/a>\.\s*$/);
  const url = link.replaceAll('&amp;', '&');
  assert.match(url, new RegExp(`^${server.url}/confirmUser\\?client_id=${client.ClientId}&user_name=cleo&confirmation_code=\\d{6}$`));
  const wrong = await fetch(url.replace(/\d{6}$/, code => code === '000000' ? '000001' : '000000'));
  assert.equal(wrong.status, 400);
  const first = await fetch(url);
  assert.equal(first.status, 200);
  assert.match(await first.text(), /Your registration has been confirmed!/);
  const { UserStatus, UserAttributes } = await api.adminGetUser({ ...pool.in, Username: 'cleo' });
  assert.deepEqual([UserStatus, UserAttributes.find(one => one.Name === 'email_verified').Value], ['CONFIRMED', 'true']);
  const again = await fetch(url);
  assert.equal(again.status, 400);
  assert.match(await again.text(), /This link does not work any more/);
});

test('A busy mail server gets the message again; one that refuses for good does not, and the reason can be read', async t => {
  await signUp(t, 'busy');
  assert.ok(await mail.to('busy@example.com', 40));
  const { reply } = await signUp(t, 'refused');
  assert.equal(reply.CodeDeliveryDetails.DeliveryMedium, 'EMAIL');
  const line = await eventually(async () => (await messages(server, 'list')).split('\n').find(one => one.includes('given up')), 'it was not given up');
  assert.match(line, /SignUp {2}r\*\*\*@e\*\*\* {2}mail {2}tries 1 {2}given up {2}the mail server answered 550 5\.1\.1 <r\*\*\*@e\*\*\*>: no such user here$/);
  assert.match(await messages(server, 'retry', line.split(' ')[0]), /^1 due now/);
  await eventually(async () => /tries 2 {2}given up/.test(await messages(server, 'list')), 'it was not tried again');
  assert.match(server.log(), /Message \S+ \(SignUp, pool \S+\) was given up by mail after try 1: the mail server answered 550/);
});

test('A message whose mail server is away survives the server that took it', async t => {
  const [port, data] = [await freePort(), await temporary('data')];
  const env = { SSL_CERT_FILE: cert.cert, POOLHOUSE_Mail__From: sender, POOLHOUSE_Mail__Host: 'localhost', POOLHOUSE_Mail__Port: String(port), POOLHOUSE_Mail__Security: 'Tls' };
  const one = await startServer({ verb: 'serve', env, data });
  t.after(() => one.stop());
  const there = await caller(one);
  const began = Date.now();
  const { confirm } = await signUp({ name: 'away', after() {} }, 'dora', { api: there });
  assert.ok(Date.now() - began < 5000, 'the request waited for the mail server');
  await eventually(async () => /no connection to the mail server/.test(await messages(one, 'list')), 'no try was noted');
  one.kill('SIGKILL');
  await one.exited;

  const late = await startMail({ port, tls: cert });
  t.after(() => late.stop());
  const two = await startServer({ verb: 'serve', env, data, port: one.port });
  t.after(() => two.stop());
  const [code] = (await late.to('dora@example.com', 60)).body.match(/\d{6}/);
  await confirm(code);
  assert.equal(late.messages.length, 1);
});

test('A certificate that nobody vouches for, a wrong password and a server without TLS are told apart', async t => {
  const plain = await startMail({});
  t.after(() => plain.stop());
  for (const [env, reason] of [
    [{ POOLHOUSE_Mail__Port: String(mail.port), SSL_CERT_FILE: '/nowhere' }, /no TLS with the mail server: its certificate is not valid for Mail:Host, or not trusted here/],
    [{ POOLHOUSE_Mail__Port: String(mail.port), POOLHOUSE_Mail__Password: 'another' }, /the mail server refuses Mail:Username with Mail:Password/],
    [{ POOLHOUSE_Mail__Port: String(plain.port) }, /the mail server lacks what is needed \(STARTTLS/],
  ]) {
    const node = await withMail(mail.port, env);
    t.after(() => node.stop());
    await signUp({ name: 'trouble', after() {} }, 'emil', { api: await caller(node) });
    const list = await eventually(async () => (await messages(node, 'list')).match(/^.* {2}the mail server .*$|^.* no TLS .*$/m)?.[0], () => node.log());
    assert.match(list, reason);
    for (const secret of [user[1], 'another', 'emil@example.com']) assert.ok(!list.includes(secret) && !node.log().includes(secret), `${secret} leaked`);
  }
  assert.deepEqual(plain.messages, []);
});

test('A code by SMS goes to the webhook, again if it fails and not if it refuses', async t => {
  let calls = 0;
  webhook.answer = call => call.to === '+15550100' ? (++calls < 2 ? 500 : 204) : 422;
  const { confirm } = await signUp(t, 'finn', { attribute: 'phone_number', address: '+15550100', settings: { SmsVerificationMessage: 'Swim in with {####}' } });
  const got = await eventually(() => webhook.calls.filter(call => call.to === '+15550100')[1], 'the webhook was not called again');
  const [first] = webhook.calls;
  assert.deepEqual([got.id, got.kind, got.authorization, got.type], [first.id, 'SignUp', 'Bearer sms-canary-9', 'application/json']);
  const [, code] = got.body.match(/^Swim in with (\d{6})$/);
  await confirm(code);

  await signUp(t, 'greta', { attribute: 'phone_number', address: '+15550199' });
  await eventually(async () => /\+\*{7}0199 {2}sms {2}tries 1 {2}given up {2}the webhook answered 422/.test(await messages(server, 'list')), 'it was not given up');
  assert.equal(webhook.calls.filter(call => call.to === '+15550199').length, 1);
});

test('Neither codes nor passwords of the mail server are in the log', async () => {
  for (const message of mail.messages) {
    const code = message.body.match(/\d{6}/)?.[0];
    if (code) assert.ok(!server.log().includes(code), 'a code is in the log');
  }
  for (const secret of [user[1], 'sms-canary-9', '@example.com', '+1555']) assert.ok(!server.log().includes(secret), `${secret} is in the log`);
});

test('Settings that cannot work keep the server from starting, and say why', async () => {
  for (const [env, reason] of [
    [{ POOLHOUSE_Mail__From: 'nobody' }, /Mail:From must be the sender/],
    [{ POOLHOUSE_Mail__Security: 'Maybe' }, /Mail:Security must be StartTls, Tls or None/],
    [{ POOLHOUSE_Mail__Username: 'x' }, /Mail:Username and Mail:Password belong together/],
    [{ POOLHOUSE_Mail__Host: 'mail.example.com', POOLHOUSE_Mail__Security: 'None', POOLHOUSE_Mail__Username: 'x', POOLHOUSE_Mail__Password: 'y' }, /in clear/],
    [{ POOLHOUSE_Sms__Url: 'http://127.0.0.1:1/sms' }, /Sms:Url must be an https URL/],
  ]) await assert.rejects(serve(env), reason);
});
