// The sample of an API in Node.js, as a process of its own before a real development server; and what the guide says for Python.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, readFile, rm, symlink } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, run, startServer, temporary } from '../actors/server.mjs';
import { claims, password, Pool, sdk } from './actors.mjs';

const here = path => fileURLToPath(new URL(path, import.meta.url));
const folders = [];
const processes = [];
let server, data, pool, client, issuer;

before(async () => {
  folders.push(data = await temporary('data'));
  server = await startServer({ data });
  pool = Object.assign(new Pool(), { api: sdk(server.url) });
  pool.UserPoolId = (await pool.api.createUserPool({ PoolName: 'guarded' })).UserPool.Id;
  client = await pool.client();
  await pool.user('ana');
  issuer = `${server.url}/${pool.UserPoolId}`;
});
after(async () => {
  for (const child of processes) child.kill('SIGKILL');
  await server.stop();
  await Promise.all(folders.map(folder => rm(folder, { recursive: true, force: true })));
});

/** The sample, copied somewhere with what `npm install` would put beside it, and started. */
async function sample(env = {}) {
  const folder = await temporary('guard');
  folders.push(folder);
  await cp(here('../../samples/node-guard'), folder, { recursive: true });
  await symlink(here('node_modules'), `${folder}/node_modules`);
  const port = await freePort();
  const child = spawn('node', ['server.mjs'], { cwd: folder, stdio: 'inherit', env: { ...process.env, PORT: port, ISSUER: issuer, CLIENT_ID: client.ClientId, ...env } });
  processes.push(child);
  const me = async tokens => {
    const reply = await fetch(`http://localhost:${port}/`, { headers: tokens ? { authorization: `Bearer ${tokens.AccessToken ?? tokens}` } : {} }).catch(() => ({ status: 0 }));
    return { status: reply.status, headers: reply.headers, body: reply.status ? await reply.json() : {} };
  };
  return { me, until: (tokens, status, within = 10_000) => until(me, tokens, status, within) };
}

/** Asks until the answer is this status; how long it took. */
async function until(me, tokens, status, within) {
  for (const start = performance.now(); ; await pause(10)) {
    const answer = await me(tokens);
    const took = performance.now() - start;
    if (answer.status === status) return { ...answer, took };
    assert.ok(took < within, `after ${within} ms the answer is ${answer.status} ${JSON.stringify(answer.body)}, not ${status}`);
  }
}

const signIn = () => pool.signIn(client, 'ana', password);
const revoke = tokens => pool.api.revokeToken({ ClientId: client.ClientId, Token: tokens.RefreshToken });

test('The sample lets a user in, and within a second of a revocation no more', async t => {
  const api = await sample();
  const [tokens, other] = [await signIn(), await signIn()];
  assert.deepEqual((await api.until(tokens, 200)).body, { hello: 'ana' });
  await revoke(tokens);
  const { took, headers } = await api.until(tokens, 401, 1000);
  t.diagnostic(`refused ${took.toFixed(0)} ms after the reply`);
  assert.match(headers.get('www-authenticate'), /invalid_token/);
  assert.equal((await api.me(other)).status, 200);
});

test('The sample takes no other token than an access token of its client', async () => {
  const api = await sample();
  const tokens = await signIn();
  await api.until(tokens, 200);
  const stranger = await pool.client();
  const foreign = await pool.signIn(stranger, 'ana', password);
  const forged = tokens.AccessToken.replace(/.{4}$/, end => end.split('').reverse().join(''));
  const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${tokens.AccessToken.split('.')[1]}.`;
  for (const wrong of [undefined, 'nonsense', tokens.IdToken, foreign, forged, none]) assert.equal((await api.me(wrong)).status, 401, JSON.stringify(wrong));
  await pool.api.deleteUserPoolClient({ ...pool.in, ClientId: stranger.ClientId });
  assert.equal((await api.me(tokens)).status, 200);
});

test('After a start of the server, with a new epoch, the sample still knows what was revoked and hears what is', async () => {
  const api = await sample();
  const [before, after_, live] = [await signIn(), await signIn(), await signIn()];
  await api.until(live, 200);
  await revoke(before);
  await api.until(before, 401, 1000);

  await server.stop();
  assert.equal((await api.me(live)).status, 200);      // the keys and the revocations are in memory
  assert.equal((await api.me(before)).status, 401);
  server = await startServer({ data, port: server.port });
  await revoke(after_);

  await api.until(after_, 401);
  assert.equal((await api.me(before)).status, 401);
  assert.equal((await api.me(live)).status, 200);
});

test('A sample that starts later has from the snapshot what was revoked before', async () => {
  const [tokens, live] = [await signIn(), await signIn()];
  await revoke(tokens);
  const api = await sample();
  await api.until(live, 200);
  assert.equal((await api.me(tokens)).status, 401);
});

test('A sample that cannot know says so, with 503 and never 401, until it knows again', async () => {
  const api = await sample({ BLIND_AFTER: '5000' });
  const tokens = await signIn();
  await api.until(tokens, 200);
  server.kill('SIGKILL');
  await server.exited;
  const stale = async () => (await api.me(tokens)).headers?.get('x-revocation-lag') === 'stale';
  for (const deadline = Date.now() + 5000; !await stale(); await pause(20)) assert.ok(Date.now() < deadline, 'never stale');
  const blind = await api.until(tokens, 503);
  assert.equal(blind.headers.get('retry-after'), '5');
  assert.equal((await api.me('nonsense')).status, 401);
  server = await startServer({ data, port: server.port });
  await api.until(tokens, 200, 15_000);
});

test('The loop for Python in the guide hears of a revocation', async t => {
  const { code } = await run('python3', ['--version']).catch(() => ({ code: 1 }));
  if (code !== 0) return t.skip('there is no python3');
  const guide = await readFile(here('../../docs/guide/guard-other-languages.md'), 'utf8');
  const [, loop] = guide.match(/```python\n([^]*?)```/);
  const child = spawn('python3', ['-u', '-c', `${loop}
import threading
threading.Thread(target=follow, args=("${issuer}",), daemon=True).start()
while not fresh(): time.sleep(0.01)
print("fresh")
while True:
    print(" ".join(revoked), flush=True)
    time.sleep(0.01)
`], { stdio: ['ignore', 'pipe', 'inherit'] });
  processes.push(child);
  let out = '';
  child.stdout.on('data', text => out += text);
  const [early, late] = [await signIn(), await signIn()];
  await revoke(early);
  const sees = async tokens => {
    for (const deadline = Date.now() + 10_000; !out.includes(`session:${claims(tokens.AccessToken).origin_jti}`); await pause(10)) assert.ok(Date.now() < deadline, out.slice(-500));
  };
  await sees(early);
  await revoke(late);
  await sees(late);
  child.kill();
});
