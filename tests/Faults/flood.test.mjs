// F8: callers that are slow, or send too much.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { startServer } from '../actors/server.mjs';
import { settle } from './pool.mjs';
import { quantile, sabotage, times, trial } from './trial.mjs';

// Milliseconds between two honest refreshes, and how long all the attackers take to connect at once, with the same processors.
const interval = 20, onset = 3000;

const resident = async pid => Number((await readFile(`/proc/${pid}/status`, 'utf8')).match(/VmRSS:\s+(\d+)/)[1]) / 1024;

trial('F8', 'Slow and greedy callers are told off exactly, and honest ones are served meanwhile', async ({ counted, t }) => {
  const server = await startServer({ verb: 'serve' });
  t.after(() => server.stop());
  const pool = await settle(server, { people: 1 }), app = await pool.app({ grace: null });
  const token = (await app.signIn(server.url, pool.people[0])).AuthenticationResult.RefreshToken;
  let highest = 0;
  /** Refreshes at a steady rate until `over`; how long each took from when it was due, in the order in which they were. */
  async function honest(over) {
    const open = [];
    for (let due = performance.now(); !over(); due += interval) {
      await pause(Math.max(0, due - performance.now()));
      const began = due;
      open.push(app.refresh(server.url, token).then(reply => reply.status === 200 ? performance.now() - began : Infinity));
      highest = Math.max(highest, await resident(server.pid));
    }
    return Promise.all(open);
  }
  const after = seconds => (end => () => Date.now() > end)(Date.now() + 1000 * seconds);

  await honest(after(2));
  const calm = await honest(after(times(3, 10))), before = await resident(server.pid);
  const sockets = times(200, 2000);
  const attackers = new Worker(new URL('attackers.mjs', import.meta.url), { workerData: { port: server.port, sockets } });
  let replies;
  attackers.once('message', all => { replies = all; });
  const stormy = await honest(() => replies);

  const usual = quantile(calm, 0.99), [first, worst] = [stormy.slice(0, onset / interval), stormy.slice(onset / interval)].map(part => quantile(part, 0.99));
  Object.assign(counted, {
    'slow sockets': replies.filter(({ expected }) => expected === 408).length, 'greedy requests': replies.filter(({ expected }) => expected !== 408).length, 'honest refreshes meanwhile': stormy.length,
    'their p99, ms': Math.round(worst), 'in the first 3 s': Math.round(first), 'before': Math.round(usual), 'memory before, MB': Math.round(before), 'memory, most, MB': Math.round(highest),
  });
  if (sabotage === 'wrong-status') replies[0].status = 400;
  assert.deepEqual(replies.filter(({ status, expected }) => status !== expected).map(({ name, status }) => `${name}: ${status}`), []);
  assert.equal(stormy.filter(took => took === Infinity).length, 0);
  assert.ok(highest < before + 100, `memory grew from ${before} to ${highest} MB`);
  // Twice what it was; less than a second is what a busy machine blurs.
  assert.ok(worst < Math.max(2 * usual, 1000), `p99 was ${usual} ms, and ${worst} ms meanwhile`);
});
