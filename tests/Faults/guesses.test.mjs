// F15: who guesses codes and passwords gains nothing by a restart, or by asking another node.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { signed } from '../../bench/race/nodes.mjs';
import { demo, pool, publicClient } from '../actors/seed.mjs';
import { startNodes, stores } from './nodes.mjs';
import { call } from './pool.mjs';
import { sabotage, times, trial } from './trial.mjs';

const most = 5;
const app = publicClient.Id;
const count = (replies, type, message = /./) => replies.filter(reply => reply.__type === type && message.test(reply.message)).length;

async function codeFor(url, username) {
  assert.equal((await call(url, 'ForgotPassword', { ClientId: app, Username: username })).status, 200);
  const [message] = await (await fetch(`${url}/dev/inbox?username=${username}`, { headers: { accept: 'application/json' } })).json();
  return message.code;
}

const signIn = (url, username, password) => call(url, 'InitiateAuth', { ClientId: app, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: username, PASSWORD: password } });

for (const store of stores) {
  // Codes are sent, so it is `dev`, whose inbox shows them.
  trial('F15', `A code is evaluated five times and a password guessed no faster, whatever is restarted, on ${store}`, async ({ chance, counted, t }) => {
    const nodes = await startNodes(store, { verb: 'dev' });
    t.after(() => nodes.stop());
    const guess = (username, code) => call(chance.one(nodes.urls), 'ConfirmForgotPassword', { ClientId: app, Username: username, ConfirmationCode: code, Password: 'Dive-4-Pearls' });
    const wrong = code => {
      for (;;) {
        const guessed = String(chance.between(0, 999_999)).padStart(6, '0');
        if (guessed !== code) return guessed;
      }
    };

    const users = times(2, 20);
    Object.assign(counted, { users, restarts: 0, 'guesses at codes': 0, 'codes evaluated, most': 0, 'guesses at passwords': 0, 'passwords evaluated, most': 0 });
    for (let user = 0; user < users; user++) {
      const username = await register(nodes.urls[0], `user${user}`);
      let code = await codeFor(nodes.urls[0], username), evaluated = 0;
      for (let wave = 0; wave < 3; wave++) {
        const replies = await Promise.all(Array.from({ length: wave === 0 ? 2 : 20 }, () => guess(username, wrong(code))));
        evaluated += count(replies, 'CodeMismatchException');
        counted['guesses at codes'] += replies.length;
        if (sabotage === 'forgetful-counter') code = await codeFor(nodes.urls[0], username);
        await nodes.kill(wave % nodes.list.length);
        counted.restarts++;
      }
      counted['codes evaluated, most'] = Math.max(counted['codes evaluated, most'], evaluated);
      // Not one more, and the right one comes too late.
      assert.equal(evaluated, most);
      assert.notEqual((await guess(username, code)).status, 200);
    }

    await passwords(nodes, counted);
  });
}

/** Guesses at one account until it is locked, over restarts; each node may have one guess on its way when the lock falls. */
async function passwords(nodes, counted) {
  const replies = [];
  for (const url of [nodes.urls[0], nodes.urls.at(-1)]) {
    replies.push(await signIn(url, demo.username, 'wrong'), await signIn(url, demo.username, 'wrong too'));
    await nodes.kill(nodes.urls.indexOf(url));
    counted.restarts++;
  }
  const began = performance.now();
  const last = await Promise.all(Array.from({ length: 20 }, (_, number) => signIn(nodes.urls[number % nodes.urls.length], demo.username, `wrong ${number}`)));
  // The lock is for a second at first; while it holds not even the right one is looked at.
  const right = await signIn(nodes.urls.at(-1), demo.username, demo.password), seconds = (performance.now() - began) / 1000;
  replies.push(...last);
  const evaluated = count(replies, 'NotAuthorizedException', /^Incorrect/);
  assert.equal(evaluated + count(replies, 'NotAuthorizedException', /attempts exceeded/), replies.length, JSON.stringify(replies));
  assert.ok(evaluated >= most && evaluated < most + nodes.list.length + Math.floor(seconds), `${evaluated} passwords were evaluated`);
  if (seconds < 1) assert.match(right.message ?? '', /attempts exceeded/);
  counted['guesses at passwords'] += replies.length;
  counted['passwords evaluated, most'] = evaluated;
  // Who knows the password gets in when it is over.
  for (const deadline = Date.now() + 10_000; (await signIn(nodes.urls[0], demo.username, demo.password)).status !== 200; await pause(200))
    assert.ok(Date.now() < deadline, 'the lock does not end');
}

/** A user with a verified address. */
async function register(url, Username) {
  const admin = signed(url, { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'any-secret-passes-in-dev' }), user = { UserPoolId: pool, Username };
  await admin('AdminCreateUser', { ...user, MessageAction: 'SUPPRESS', UserAttributes: [{ Name: 'email', Value: `${Username}@example.com` }, { Name: 'email_verified', Value: 'true' }] });
  await admin('AdminSetUserPassword', { ...user, Password: 'Swim-4-Fun', Permanent: true });
  return Username;
}
