// F4: the clock of the machine jumps under a running server.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startServer, temporary } from '../actors/server.mjs';
import { ledgerOf } from './ledger.mjs';
import { isGood, isRevoked, settle } from './pool.mjs';
import { sabotage, times, trial } from './trial.mjs';

const library = ['x86_64', 'aarch64'].map(machine => `/usr/lib/${machine}-linux-gnu/faketime/libfaketimeMT.so.1`).find(existsSync);
const hour = 3600, day = 24 * hour;

/** A server whose clock is set by a file: `set` puts it so many seconds off, and waits until the server goes by it. */
async function startClock(data) {
  const file = join(data, '..', `${data.split('/').at(-1)}.clock`);
  const write = async seconds => {
    await writeFile(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
    await rename(`${file}.new`, file);
  };
  await write(0);
  // Who sets the time of a machine does not move CLOCK_MONOTONIC: if that jumped, Kestrel would end idle connections, and one of them under a request.
  const faketime = { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_NO_CACHE: '1', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  const server = await startServer({ verb: 'serve', data, env: faketime });
  const now = () => fetch(`${server.url}/healthz`).then(reply => Date.parse(reply.headers.get('date')));
  return {
    ...server,
    async set(seconds) {
      await write(sabotage === 'no-jump' ? 0 : seconds);
      // Kestrel writes the time of its own clock, once a second.
      for (const deadline = Date.now() + 10_000; Math.abs(await now() - Date.now() - 1000 * seconds) > 3000; await pause(50))
        assert.ok(Date.now() < deadline, `the clock of the server did not jump to ${seconds}`);
    },
    async stop() {
      const how = await server.stop();
      await rm(file, { force: true });
      return how;
    },
  };
}

trial('F4', 'When the clock jumps nothing expired is accepted, nobody is signed out, and the feed keeps its order', async ({ chance, counted, t }) => {
  if (!library) return t.skip('libfaketime is not installed');
  const data = await temporary('clock'), server = await startClock(data);
  t.after(async () => {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  });
  const { url } = server, pool = await settle(server, { people: 1 });
  const app = await pool.app({ AccessTokenValidity: 10, IdTokenValidity: 10, RefreshTokenValidity: 30, TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'days' } });
  const signIn = async () => (await app.signIn(url, pool.people[0])).AuthenticationResult;
  const refresh = async session => {
    const reply = await app.refresh(url, session.RefreshToken);
    assert.equal(reply.status, 200, JSON.stringify(reply));
    Object.assign(session, { RefreshToken: reply.refresh_token, AccessToken: reply.access_token });
  };

  const sessions = [], revoked = [];
  Object.assign(counted, { jumps: 0, refreshes: 0, 'expired tokens refused': 0, revocations: 0 });
  // Never more than 30 days from the first sign-in: nothing comes to its planned end.
  const plan = [hour, 0, -hour, 0, 10 * day, 0, 10 * day, 10 * day + hour, -hour];
  const jumps = times(plan.length, 60);
  let at = 0;
  for (let jump = 0; jump < jumps; jump++) {
    const [newcomer, leaver] = [await signIn(), await signIn()];
    sessions.push(newcomer);
    assert.ok(await isGood(url, newcomer.AccessToken));
    const to = plan[jump] ?? chance.one([0, hour, -hour, day, 10 * day]);
    await server.set(to);
    counted.jumps++;

    if (to > at) {
      assert.ok(!await isGood(url, newcomer.AccessToken));
      counted['expired tokens refused']++;
    }
    at = to;
    assert.equal((await app.revoke(url, leaver.RefreshToken)).status, 200);
    revoked.push(leaver);
    counted.revocations++;
    // Everybody who was signed in still is, also those who signed in at a later time than it is now.
    for (const session of sessions) {
      await refresh(session);
      counted.refreshes++;
    }
    for (const { RefreshToken } of revoked) assert.ok(isRevoked(await app.refresh(url, RefreshToken)));
    assert.ok(!await isGood(url, leaver.AccessToken));
  }
  await server.stop();
  const { feed, sessions: rows } = await ledgerOf(data);
  assert.deepEqual(feed.map(([seq]) => seq), revoked.map((_, at) => at + 1));
  assert.equal([...rows.values()].filter(row => row.revoked).length, revoked.length);
});
