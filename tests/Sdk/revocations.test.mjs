// The revocation feed over starts, crashes and restores of real processes.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cp, rm } from 'node:fs/promises';
import { after, test } from 'node:test';
import { next, snapshot, stream } from '../actors/feed.mjs';
import { startPostgres } from '../actors/postgres.mjs';
import { program, run, startServer, temporary } from '../actors/server.mjs';
import { aws, claims, Pool, sdk } from './actors.mjs';

const scope = 'poolhouse/revocations.read';
let postgres;
const running = new Set();
after(async () => {
  await Promise.all([...running].map(server => server.stop()));
  await postgres?.stop();
});

async function serve(options) {
  const server = await startServer({ verb: 'serve', ...options });
  running.add(server);
  return server;
}

/** Runs a command of the program on the data of a server. */
async function command(server, ...args) {
  const [file, ...first] = program();
  return run(file, [...first, ...args], { env: { ...process.env, ...server.env } });
}

/** A pool with a user and a guard, on a server that serves. */
async function house(server, t) {
  const { out, err } = await command(server, 'access-key', 'create');
  const [, accessKeyId, secretAccessKey] = out.match(/^aws_access_key_id = (\S+)\naws_secret_access_key = (\S+)\n$/) ?? assert.fail(err);
  const at = server => Object.assign(new Pool(), { api: sdk(server.url, { credentials: { accessKeyId, secretAccessKey } }), UserPoolId: pool.UserPoolId });
  const pool = { UserPoolId: (await sdk(server.url, { credentials: { accessKeyId, secretAccessKey } }).createUserPool({ PoolName: t.name.slice(0, 20) })).UserPool.Id };
  const here = at(server);
  const client = await here.client();
  await here.user('ana');
  const guard = await here.client({
    GenerateSecret: true, ExplicitAuthFlows: [], AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['client_credentials'], AllowedOAuthScopes: [scope],
  });
  const reply = await fetch(`${server.url}/oauth2/token`, { method: 'POST', body: new URLSearchParams({
    grant_type: 'client_credentials', client_id: guard.ClientId, client_secret: guard.ClientSecret, scope,
  }) });
  assert.equal(reply.status, 200);
  return { at, client, token: (await reply.json()).access_token, feed: server => `${server.url}/${pool.UserPoolId}` };
}

const idOf = tokens => claims(tokens.AccessToken).origin_jti;
const revoke = (pool, client, tokens) => pool.api.revokeToken({ ClientId: client.ClientId, Token: tokens.RefreshToken });
const isRevoked = call => assert.rejects(call, error => error instanceof aws.NotAuthorizedException && /revoked/.test(error.message));

test('After kill -9 in the middle of a stream the position is gone and the snapshot has everything that was confirmed', async t => {
  const data = await temporary('data');
  t.after(() => rm(data, { recursive: true, force: true }));
  let server = await serve({ data });
  const { at, client, token, feed } = await house(server, t);
  const pool = at(server);
  const sessions = [];
  for (let i = 0; i < 24; i++) sessions.push(await pool.signIn(client, 'ana'));
  const { events, status } = await stream(feed(server), { token });
  assert.equal(status, 200);
  const first = await next(events, 'heartbeat');

  const confirmed = [];
  const revoking = Promise.all(sessions.map(tokens => revoke(pool, client, tokens).then(() => confirmed.push(idOf(tokens)), () => {})));
  const told = [await next(events, 'revoked')];
  server.kill('SIGKILL');
  const broken = await (async () => { for await (const event of events) if (event.name === 'revoked') told.push(event); })().catch(problem => problem);
  assert.ok(broken instanceof Error, 'a stream that is cut must not look like one that ended');
  await revoking;

  server = await serve({ data, port: server.port });
  assert.equal((await stream(feed(server), { token, since: told.at(-1).id })).status, 410);
  const { values, epoch, head } = await snapshot(feed(server), token);
  assert.notEqual(epoch, first.head.split(':')[0]);
  assert.deepEqual([...confirmed, ...told.map(one => one.value)].filter(id => !values.has(id)), [], `${confirmed.length} were confirmed`);
  assert.equal((await stream(feed(server), { token, since: head })).status, 200);
});

test('On SQLite the epoch is another after every start', async t => {
  const data = await temporary('data');
  t.after(() => rm(data, { recursive: true, force: true }));
  let server = await serve({ data });
  const { token, feed } = await house(server, t);
  const epochs = [(await snapshot(feed(server), token)).epoch];
  for (let i = 0; i < 2; i++) {
    const open = await stream(feed(server), { token });
    await next(open.events, 'heartbeat');
    const ended = (async () => { for await (const _ of open.events); })();
    assert.equal((await server.stop()).code, 0);
    await ended;       // as it should, not broken off
    server = await serve({ data, port: server.port });
    epochs.push((await snapshot(feed(server), token)).epoch);
  }
  assert.equal(new Set(epochs).size, 3);
});

test('After a restore old refresh tokens are refused as revoked, and who signs in again is served', async t => {
  const [data, backup] = [await temporary('data'), await temporary('backup')];
  t.after(() => Promise.all([data, backup].map(folder => rm(folder, { recursive: true, force: true }))));
  let server = await serve({ data });
  const { at, client, token, feed } = await house(server, t);
  let pool = at(server);
  const [revoked, live] = [await pool.signIn(client, 'ana'), await pool.signIn(client, 'ana')];
  await server.stop();
  await cp(data, backup, { recursive: true });
  const restart = async () => pool = at(server = await serve({ data, port: server.port }));
  const restore = async () => {
    await server.stop();
    await rm(data, { recursive: true });
    await cp(backup, data, { recursive: true });
  };
  await restart();
  await revoke(pool, client, revoked);
  const before = (await snapshot(feed(server), token)).epoch;

  await t.test('Without the command the epoch is another, and the revoked session is alive again', async () => {
    await restore();
    await restart();
    assert.notEqual((await snapshot(feed(server), token)).epoch, before);
    await pool.refresh(client, revoked);
  });
  await t.test('The command refuses beside a running server', async () => {
    const { code, err } = await command(server, 'restored');
    assert.equal(code, 1);
    assert.match(err, /in use|running|lock/i);
  });
  await t.test('With --keep-sessions they go on, and the command says what that means', async () => {
    await restore();
    const { code, out } = await command(server, 'restored', '--keep-sessions');
    assert.equal(code, 0);
    assert.match(out, /ALIVE again/);
    await restart();
    await pool.refresh(client, live);
  });
  await t.test('With the command everything from before is refused, wherever it is shown', async () => {
    await restore();
    const { code, out } = await command(server, 'restored');
    assert.equal(code, 0);
    assert.match(out, /Everybody must sign in again[^]*new epoch/);
    await restart();
    for (const tokens of [revoked, live]) {
      await isRevoked(pool.refresh(client, tokens));
      await isRevoked(pool.api.getUser({ AccessToken: tokens.AccessToken }));
    }
    const fresh = await pool.signIn(client, 'ana');
    await pool.refresh(client, fresh);
    await pool.api.getUser({ AccessToken: fresh.AccessToken });
    assert.match(server.log(), /Refresh refused[^\n]*the session's end: Restored/);
  });
});

test('On PostgreSQL the epoch stays, a second node tells at once, and without LISTEN soon', async t => {
  postgres = await startPostgres();
  const env = { POOLHOUSE_Storage__ConnectionString: postgres.connection, POOLHOUSE_Keys__Master: randomBytes(32).toString('base64') };
  let one = await serve({ env });
  const other = await serve({ env: { ...env, POOLHOUSE_Server__PublicUrl: one.url } });
  const { at, client, token, feed } = await house(one, t);
  const pool = at(one);
  const { events } = await stream(feed(other), { token });
  const { head } = await next(events, 'heartbeat');

  const told = async () => {
    const tokens = await pool.signIn(client, 'ana');
    await revoke(pool, client, tokens);
    const start = performance.now();
    const event = await next(events, 'revoked');
    assert.equal(event.value, idOf(tokens));
    return performance.now() - start;
  };
  const times = [];
  for (let i = 0; i < 10; i++) times.push(await told());
  times.sort((a, b) => a - b);
  t.diagnostic(`told at the other node ${times[5].toFixed(1)} ms after the reply (median), ${times[9].toFixed(1)} ms at most`);
  assert.ok(times[5] < 100, `${times}`);

  await postgres.sql("select count(pg_terminate_backend(pid)) from pg_stat_activity where query = 'listen poolhouse'");
  const polled = await told();
  t.diagnostic(`${polled.toFixed(1)} ms without LISTEN`);
  assert.ok(polled < 2000, `${polled}`);

  await one.stop();
  one = await serve({ env, port: one.port });
  assert.equal((await snapshot(feed(one), token)).epoch, head.split(':')[0]);
  const resumed = await stream(feed(one), { token, since: head });
  const seqs = [];
  while (seqs.length < 11) seqs.push(Number((await next(resumed.events, 'revoked')).id.split(':')[1]));
  assert.deepEqual(seqs, Array.from({ length: 11 }, (_, i) => i + 1));
});
