// F16: an older backup takes the place of the database.
import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as feed from '../actors/feed.mjs';
import { program, run, startServer, temporary } from '../actors/server.mjs';
import { sqlite } from './ledger.mjs';
import { claims, isGood, isRevoked, settle } from './pool.mjs';
import { sabotage, times, trial } from './trial.mjs';

/** A server with sessions, of which half are revoked and the others rotated after the backup was made; the backup is put back, and `said` run before the start. */
async function restored(said, many, t) {
  const data = await temporary('restored'), backup = join(await temporary('backup'), 'poolhouse.db');
  let server = await startServer({ verb: 'serve', data });
  t.after(async () => {
    await server.stop();
    await rm(data, { recursive: true, force: true });
    await rm(join(backup, '..'), { recursive: true, force: true });
  });
  const pool = await settle(server, { people: 1 }), app = await pool.app(), reader = await pool.reader(), { url } = server;
  const signIn = async () => (await app.signIn(url, pool.people[0])).AuthenticationResult;
  const revoked = [], rotated = [];
  // One after the other: a crowd would be told to come back later.
  for (const list of [revoked, rotated]) while (list.length < many) list.push(await signIn());
  await sqlite(join(data, 'poolhouse.db'), `vacuum into '${backup}'`);

  for (const session of revoked) assert.equal((await app.revoke(url, session.RefreshToken)).status, 200);
  for (const session of rotated) session.next = (await app.refresh(url, session.RefreshToken)).refresh_token;
  const before = await feed.snapshot(`${url}/${pool.id}`, await reader(url));
  assert.equal(before.values.size, many);
  await server.stop();

  for (const file of ['poolhouse.db', 'poolhouse.db-wal', 'poolhouse.db-shm']) await rm(join(data, file), { force: true });
  await cp(backup, join(data, 'poolhouse.db'));
  if (said) {
    const [file, ...first] = program();
    const { code, err } = await run(file, [...first, ...said], { env: { ...process.env, ...server.env } });
    assert.equal(code, 0, err);
  }
  server = await startServer({ verb: 'serve', data, port: server.port });
  return { url, app, reader, pool, before, revoked, rotated, person: pool.people[0] };
}

trial('F16', 'After a restore with `poolhouse restored` nothing that was revoked is alive, and the feed begins a new epoch', async ({ counted, t }) => {
  const many = times(20, 200);
  const { url, app, reader, pool, before, revoked, rotated, person } = await restored(sabotage === 'not-restored' ? undefined : ['restored'], many, t);
  let alive = 0;
  for (const { RefreshToken, AccessToken } of revoked)
    if (!isRevoked(await app.refresh(url, RefreshToken)) || await isGood(url, AccessToken)) alive++;
  for (const { RefreshToken, next } of rotated)
    for (const token of [RefreshToken, next]) assert.equal((await app.refresh(url, token)).error, 'invalid_grant');
  // Everybody may sign in again, and goes on as before.
  const again = (await app.signIn(url, person)).AuthenticationResult;
  assert.equal((await app.refresh(url, again.RefreshToken)).status, 200);

  // A guard keeps what it knows: what the database has forgotten stays refused where it had been heard of.
  const after = await feed.snapshot(`${url}/${pool.id}`, await reader(url));
  assert.notEqual(after.epoch, before.epoch);
  assert.deepEqual(revoked.filter(({ AccessToken }) => !before.values.has(claims(AccessToken).origin_jti)), []);
  const lost = await feed.stream(`${url}/${pool.id}`, { since: before.head, token: await reader(url) });
  lost.close();
  assert.equal(lost.status, 410);
  Object.assign(counted, { 'sessions revoked after the backup': many, 'alive again': alive, 'rotated after the backup': many });
  assert.equal(alive, 0);
});

trial('F16 control', 'Without it the revoked sessions are alive again: the danger is real', async ({ counted, t }) => {
  const many = times(5, 50);
  const { url, app, revoked } = await restored(undefined, many, t);
  const replies = await Promise.all(revoked.map(({ RefreshToken }) => app.refresh(url, RefreshToken)));
  const alive = replies.filter(reply => reply.status === 200).length;
  Object.assign(counted, { 'sessions revoked after the backup': many, 'alive again': alive });
  assert.equal(alive, many);
});
