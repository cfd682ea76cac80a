// `poolhouse keys` beside running servers: two nodes on PostgreSQL change keys at the same moment, and the master key changes under them.
import assert from 'node:assert/strict';
import { createPublicKey, randomBytes, verify } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startPostgres } from '../actors/postgres.mjs';
import { createKey, program, run, startServer, temporary } from '../actors/server.mjs';
import { password, sdk } from './actors.mjs';

const [hour, second] = [3_600_000, 1000];
const nodes = [];
let postgres, folder, env, pool, client;

before(async () => {
  [postgres, folder] = [await startPostgres(), await temporary('keys')];
  const first = join(folder, 'first.key');
  await writeFile(first, randomBytes(32).toString('base64'), { mode: 0o600 });
  env = { POOLHOUSE_Storage__ConnectionString: postgres.connection, POOLHOUSE_Keys__Master: first };
  nodes.push(await startServer({ verb: 'serve', env }));
  env.POOLHOUSE_Server__PublicUrl = nodes[0].url;
  nodes.push(await startServer({ verb: 'serve', env }));
  const api = sdk(nodes[0].url, { credentials: await createKey(nodes[0]) });
  pool = (await api.createUserPool({ PoolName: 'people' })).UserPool.Id;
  client = (await api.createUserPoolClient({ UserPoolId: pool, ClientName: 'app', ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] })).UserPoolClient.ClientId;
  await api.adminCreateUser({ UserPoolId: pool, Username: 'ana', MessageAction: 'SUPPRESS' });
  await api.adminSetUserPassword({ UserPoolId: pool, Username: 'ana', Password: password, Permanent: true });
});
after(() => Promise.all(nodes.map(one => one.stop())));
after(() => postgres?.stop());

async function keys(...args) {
  const [file, ...first] = program();
  return run(file, [...first, 'keys', ...args], { env: { ...process.env, ...nodes[1]?.env, ...env } });
}

const signIn = async (node = nodes[0]) => (await sdk(node.url).initiateAuth({
  ClientId: client, AuthFlow: 'USER_PASSWORD_AUTH', AuthParameters: { USERNAME: 'ana', PASSWORD: password },
})).AuthenticationResult;

async function refresh(node, token) {
  const sent = Date.now();
  const reply = await fetch(`${node.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'refresh_token', client_id: client, refresh_token: token }) });
  assert.equal(reply.status, 200, await reply.clone().text());
  return { node, sent, got: Date.now(), access: (await reply.json()).access_token };
}

const kidOf = jwt => JSON.parse(Buffer.from(jwt.split('.')[0], 'base64url')).kid;
const keySet = async node => (await (await fetch(`${node.url}/${pool}/.well-known/jwks.json`)).json()).keys;

async function verifies(jwt, node) {
  const [head, body, signature] = jwt.split('.');
  const key = (await keySet(node)).find(one => one.kid === kidOf(jwt));
  return key !== undefined && verify('sha256', `${head}.${body}`, createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url'));
}

const accepted = async (jwt, node) => (await sdk(node.url).getUser({ AccessToken: jwt }).catch(error => error)).Username === 'ana';

async function eventually(holds, what) {
  for (const deadline = Date.now() + 10 * second; !await holds(); await pause(50)) assert.ok(Date.now() < deadline, what);
}

test('Two nodes take the next keys from the same moment on, which the key set was ahead of', async () => {
  const { AccessToken: before, RefreshToken: token } = await signIn();
  const told = await keys('rotate', '--pool', pool, '--ahead', '5s');
  assert.equal(told.code, 0, told.err);
  assert.match(told.err, /WARNING: verifiers keep the key set/);
  const switchAt = Date.parse(told.out.match(/which sign from (\S+ \S+)$/m)[1].replace(' ', 'T'));
  for (const node of nodes) await eventually(async () => (await keySet(node)).length === 4, `a node does not publish the next keys: ${node.log()}`);
  assert.ok(Date.now() < switchAt + second, 'both published before they sign');

  const samples = [];
  while (Date.now() < switchAt + 2 * second) samples.push(...await Promise.all(nodes.map(node => refresh(node, token))));
  const old = kidOf(before);
  // The time is printed in whole seconds, and the clocks are one machine's: what is certain is certain outside of that second.
  for (const { node, sent, got, access } of samples) {
    if (got < switchAt) assert.equal(kidOf(access), old, `${node.port} signs too early`);
    if (sent > switchAt + second) assert.notEqual(kidOf(access), old, `${node.port} signs too long with the old key`);
  }
  for (const node of nodes) {
    const own = samples.filter(one => one.node === node);
    assert.ok(own.some(one => one.got < switchAt) && own.some(one => one.sent > switchAt + second), 'samples on both sides');
  }
  // And of the two nodes none was behind the other.
  const firstNew = Math.min(...samples.filter(one => kidOf(one.access) !== old).map(one => one.got));
  const lastOld = Math.max(...samples.filter(one => kidOf(one.access) === old).map(one => one.sent));
  assert.ok(lastOld <= firstNew + 20, `the old key was still used ${lastOld - firstNew} ms after the new one`);
  for (const node of nodes)
    for (const jwt of [before, samples.at(-1).access]) assert.deepEqual([await verifies(jwt, node), await accepted(jwt, node)], [true, true]);
});

test('The list says which sign and which only verify, and a second rotation waits its turn', async () => {
  const again = await keys('rotate');
  assert.match(again.out, new RegExp(`^${pool}  new keys, published now, which sign from `, 'm'), again.err);
  assert.equal(again.err, '');
  assert.match((await keys('rotate')).out, /unchanged: new keys wait already/);
  const list = (await keys('list', '--pool', pool)).out.trim().split('\n');
  assert.deepEqual(list.map(line => line.replace(/.*Z {2}/, '').replace(/ \d.*/, '')), ['verifies until', 'verifies until', 'signs', 'signs', 'signs from', 'signs from']);
  const from = Date.parse(list.at(-1).match(/signs from (\S+) (\S+)$/).slice(1).join('T'));
  assert.ok(Math.abs(from - Date.now() - 24 * hour) < 60 * second, list.at(-1));
});

test('Keys that have leaked leave at once: their tokens are refused, and nobody is signed out', async () => {
  const { AccessToken: before, RefreshToken: token } = await signIn();
  const told = await keys('rotate', '--withdraw');
  assert.match(told.err, /WARNING: every access and ID token from before/);
  for (const node of nodes) {
    await eventually(async () => (await keySet(node)).length === 2, 'the old keys are still published');
    assert.deepEqual([await verifies(before, node), await accepted(before, node)], [false, false]);
    assert.ok(await accepted((await refresh(node, token)).access, node));
  }
});

test('What cannot be understood is refused', async () => {
  for (const [args, why] of [[['--ahead', 'soon'], /--ahead takes/], [['--ahead', '24'], /--ahead takes/], [['--pool', 'us-east-1_Nobody1'], /no user pool/]]) {
    const { code, err } = await keys('rotate', ...args);
    assert.deepEqual([code, why.test(err)], [1, true], err);
  }
});

test('The master key changes beside the nodes: they go on, the next start needs the new one, and nobody is signed out', async () => {
  const { AccessToken: access, RefreshToken: token } = await signIn();
  const [from, next] = [env.POOLHOUSE_Keys__Master, join(folder, 'second.key')];
  await writeFile(next, randomBytes(32).toString('base64'), { mode: 0o600 });
  assert.match((await keys('master', '--from', next)).out, /already/);
  env.POOLHOUSE_Keys__Master = next;
  const wrong = join(folder, 'wrong.key');
  await writeFile(wrong, randomBytes(32).toString('base64'));
  assert.match((await keys('master', '--from', wrong)).err, /not the one that this database has/);
  assert.match((await keys('list')).err, /not the one that this database has/);

  const changed = await keys('master', '--from', from);
  assert.match(changed.out, /sealed under the new master key/, changed.err);
  assert.ok(await accepted((await refresh(nodes[0], token)).access, nodes[1]));
  await assert.rejects(startServer({ verb: 'serve', env: { ...env, POOLHOUSE_Keys__Master: from } }), /not the one that this database has/);

  await Promise.all(nodes.splice(0).map(one => one.stop()));
  nodes.push(await startServer({ verb: 'serve', env }));
  assert.ok(await accepted(access, nodes[0]));
  assert.ok(await accepted((await refresh(nodes[0], token)).access, nodes[0]));
  assert.ok(await accepted((await signIn()).AccessToken, nodes[0]));
});
