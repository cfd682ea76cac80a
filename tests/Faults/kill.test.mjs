// F1: the server is killed at any moment, under load, on SQLite.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startServer, temporary } from '../actors/server.mjs';
import { Crowd } from './crowd.mjs';
import { ledgerOf, sqlite } from './ledger.mjs';
import { settle } from './pool.mjs';
import { quantile, sabotage, times, trial } from './trial.mjs';

// What a server would leave behind that replies too early, and one that gives whoever comes second a successor of their own.
const spoil = {
  'lost-rotation': data => sqlite(join(data, 'poolhouse.db'), 'update sessions set generation = generation - 1 where generation > 0 and revoked_at is null'),
  'lost-revocation': data => sqlite(join(data, 'poolhouse.db'), 'update sessions set revoked_at = null, end_reason = null', 'delete from revocations'),
};
const forking = () => {
  const spent = new Set();
  return (reply, token) => {
    if (reply.status !== 200 || !spent.has(token)) return spent.add(token), reply;
    return { ...reply, refresh_token: [...reply.refresh_token].reverse().join('') };
  };
};

trial('F1', 'A server that is killed under load loses nothing that it has answered, and forks nothing', async ({ chance, counted, t }) => {
  const data = await temporary('killed');
  let server = await startServer({ verb: 'serve', data });
  t.after(async () => {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  });
  const { port } = server;
  const crowd = new Crowd(await (await settle(server)).app(), chance, { alter: sabotage === 'fork' ? forking() : undefined });

  const kills = times(30, 200), back = [];
  for (let kill = 0; kill < kills && crowd.wrong.length === 0; kill++) {
    crowd.work([server.url]);
    await pause(chance.between(50, 1500));
    server.kill('SIGKILL');
    await server.exited;
    await crowd.rest();
    await spoil[sabotage]?.(data);
    const began = performance.now();
    server = await startServer({ verb: 'serve', data, port });
    back.push(performance.now() - began);
    await crowd.check(server.url);
  }
  await server.stop();
  crowd.audit(await ledgerOf(data));

  Object.assign(counted, { kills: back.length, ...crowd.counted, forks: crowd.chains.forks, 'ms until ready again, median': Math.round(quantile(back, 0.5)), 'p99': Math.round(quantile(back, 0.99)) });
  assert.deepEqual(crowd.wrong, []);
  assert.equal(back.length, kills);
  assert.ok(crowd.counted.rotations > 10 * kills && crowd.counted.revocations > 0 && crowd.counted.unanswered > 0, 'hardly anything happened');
  // The few slowest are those of a disk that others use as well.
  assert.ok(quantile(back, 0.5) < 2000, `ready again after ${quantile(back, 0.5)} ms`);
});
