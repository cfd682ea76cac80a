// F3: the disk that holds the data is full.
import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startServer } from '../actors/server.mjs';
import { Visitor } from '../actors/visitor.mjs';
import { cannotMount, SmallDisk } from './disks.mjs';
import { ledgerOf } from './ledger.mjs';
import { claims, isRevoked, settle } from './pool.mjs';
import { sabotage, times, trial } from './trial.mjs';

// The ballast of `serve` is 32 MB; the disk of this trial is as small as its own.
const ballast = 4, megabytes = 40;

/** Signs in at the pages up to the code, which is handed out in place of the tokens. */
const codeOf = (server, app, user) => Object.assign(new Visitor(), { token: (_, form) => form }).signIn(server, { client: app, user });

const until = async (what, seconds, done) => {
  const began = performance.now();
  for (;; await pause(50)) {
    if (await done()) return performance.now() - began;
    assert.ok(performance.now() - began < seconds * 1000, `${what}: not within ${seconds} s`);
  }
};

trial('F3', 'On a full disk sign-ins wait, refreshes and revocations go on, and all is well when there is space again', async ({ counted, t }) => {
  if (cannotMount(t)) return;
  const disk = await SmallDisk.mount(megabytes);
  const start = port => startServer({ verb: 'serve', data: disk.data, port, env: { POOLHOUSE_Storage__BallastMegabytes: String(sabotage === 'no-ballast' ? 0 : ballast) } });
  let server = await start();
  t.after(async () => {
    await server.stop();
    await disk.unmount();
  });
  const { url } = server, pool = await settle(server, { people: 2 }), [ana, ben] = pool.people;
  const [lasting, rotating] = [await pool.app({ grace: null }), await pool.app()];
  if (sabotage !== 'no-ballast') await until('the ballast is made', 10, () => stat(join(disk.data, 'poolhouse.ballast')).then(file => file.size === ballast << 20, () => false));

  const signIn = async (app, person = ana) => (await app.signIn(url, person)).AuthenticationResult;
  const rounds = times(2, 10);
  Object.assign(counted, { 'disks filled': 0, 'sign-ins refused with 503': 0, 'refreshes while full': 0, 'revocations while full': 0, 'ms until sign-ins went on, most': 0 });
  const revoked = [];
  for (let round = 0; round < rounds; round++) {
    const kept = await signIn(lasting), [turning, ...condemned] = await Promise.all(Array.from({ length: 9 }, () => signIn(rotating, ben)));
    const code = await codeOf(server, rotating, ana);
    await disk.fill();
    counted['disks filled']++;

    // The write-ahead log has room of its own, so the first that find the disk full come a while later.
    const refused = reply => reply.status === 503;
    let denied;
    await until('a sign-in is refused', 60, async () => refused(denied = await lasting.signIn(url, ana)));
    assert.deepEqual({ type: denied.__type, again: Number(denied.retryAfter) > 0 }, { type: 'ServiceUnavailableException', again: true });

    let token = turning.RefreshToken;
    for (const { RefreshToken, AccessToken } of condemned) {
      assert.equal((await rotating.revoke(url, RefreshToken)).status, 200);
      revoked.push({ id: claims(AccessToken).origin_jti, token: RefreshToken });
      assert.equal((await lasting.refresh(url, kept.RefreshToken)).status, 200);
      const next = await rotating.refresh(url, token);
      assert.equal(next.status, 200);
      token = next.refresh_token;
      assert.ok(refused(await lasting.signIn(url, ana)));
      counted['sign-ins refused with 503']++;
      counted['refreshes while full'] += 2;
      counted['revocations while full']++;
    }
    // The vocabulary of OAuth; and the code is not spent by a redemption that could not be written.
    const waiting = await rotating.token(url, code);
    assert.deepEqual([waiting.status, waiting.error, Number(waiting.retryAfter) > 0], [503, 'temporarily_unavailable', true]);

    await disk.free();
    const took = await until('sign-ins go on', 5, async () => (await lasting.signIn(url, ana)).status === 200);
    counted['ms until sign-ins went on, most'] = Math.max(counted['ms until sign-ins went on, most'], Math.round(took));
    assert.equal((await rotating.token(url, code)).status, 200);
  }

  await server.stop();
  const { sessions } = await ledgerOf(disk.data);
  for (const { id } of revoked) assert.ok(sessions.get(id)?.revoked, `the revocation of ${id} was lost`);
  server = await start(server.port);
  for (const { token } of revoked) assert.ok(isRevoked(await rotating.refresh(url, token)));
});
