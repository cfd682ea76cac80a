// F5, its first half: PostgreSQL crashes and comes back under two nodes.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { Crowd } from './crowd.mjs';
import { ledgerOfPostgres } from './ledger.mjs';
import { startNodes } from './nodes.mjs';
import { ready, settle } from './pool.mjs';
import { quantile, sabotage, times, trial, until } from './trial.mjs';

trial('F5', 'When PostgreSQL crashes under two nodes, nothing is lost that was answered, and writes soon go on', async ({ chance, counted, t }) => {
  const nodes = await startNodes('PostgreSQL', { durable: true });
  t.after(() => nodes.stop());
  const { postgres, urls } = nodes, pool = await settle(nodes.list[0]), app = await pool.app(), crowd = new Crowd(app, chance);
  // A rotation is a write and, other than a sign-in, no work for the processor.
  const tokens = await Promise.all(urls.map(async url => (await app.signIn(url, pool.people[0])).AuthenticationResult.RefreshToken));
  const writes = async () => {
    const replies = await Promise.all(urls.map((url, node) => app.refresh(url, tokens[node])));
    replies.forEach(({ refresh_token }, node) => { tokens[node] = refresh_token ?? tokens[node]; });
    return replies.every(reply => reply.status === 200);
  };

  const crashes = times(3, 40), back = [], readyz = { gone: 0, back: 0 };
  for (let crash = 0; crash < crashes && crowd.wrong.length === 0; crash++) {
    crowd.work(urls);
    await pause(chance.between(200, 1500));
    if (crash % 2 === 0) await postgres.kill(); else await postgres.halt();
    if (crash === 0) {
      // A node asks for the time every second, and so learns that there is no database.
      readyz.gone = await until(async () => (await Promise.all(urls.map(ready))).every(status => status === 503), 5, '/readyz says 503');
    } else {
      await pause(chance.between(0, 1000));
    }
    await postgres.start();
    back.push(await until(writes, 20, 'writes'));
    if (crash === 0) readyz.back = await until(async () => (await Promise.all(urls.map(ready))).every(status => status === 200), 5, '/readyz says 200');
    await crowd.rest();
    if (sabotage === 'lost-rotation') await postgres.sql('update sessions set generation = generation - 1 where generation > 0 and revoked_at is null');
    await crowd.check(chance.one(urls));
  }
  crowd.audit(await ledgerOfPostgres(postgres));

  Object.assign(counted, {
    crashes: back.length, ...crowd.counted, forks: crowd.chains.forks, 'ms until writes went on, most': Math.round(quantile(back, 1)),
    'ms until /readyz said 503': Math.round(readyz.gone), 'ms until it said 200': Math.round(readyz.back),
  });
  assert.deepEqual(crowd.wrong, []);
  assert.ok(back.length === crashes && crowd.counted.rotations > 10 * crashes && crowd.counted.unanswered > 0, 'hardly anything happened');
  assert.ok(quantile(back, 1) < 5000, `writes went on after ${quantile(back, 1)} ms`);
});
