// F13: one refresh token, presented many times at once.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { startNodes, stores } from './nodes.mjs';
import { isGood, isRevoked, settle } from './pool.mjs';
import { sabotage, times, trial } from './trial.mjs';

// Seconds: long enough that nobody in a race is late, short enough to wait for.
const grace = 3;

for (const store of stores) {
  trial('F13', `Parallel refreshes of one token have one successor, and a late one ends the family, on ${store}`, async ({ chance, counted, t }) => {
    const nodes = await startNodes(store);
    t.after(() => nodes.stop());
    const pool = await settle(nodes.list[0], { people: 1 }), app = await pool.app(), impatient = await pool.app({ grace });
    const signIn = async of => (await of.signIn(nodes.urls[0], pool.people[0])).AuthenticationResult;
    /** So many at once, in turn at the nodes. */
    const race = (of, token, many) => Promise.all(Array.from({ length: many }, (_, number) => of.refresh(nodes.urls[number % nodes.urls.length], token)));

    const rounds = times(30, 1500);
    let forks = 0, refreshes = 0, { RefreshToken: token } = await signIn(app);
    for (let round = 0; round < rounds; round++) {
      const replies = await race(app, token, chance.between(2, 50));
      refreshes += replies.length;
      assert.deepEqual(replies.filter(reply => reply.status !== 200), []);
      if (sabotage === 'fork') replies[0].refresh_token = [...replies[0].refresh_token].reverse().join('');
      const successors = new Set(replies.map(reply => reply.refresh_token));
      if (successors.size !== 1 || successors.has(token)) forks++;
      token = [...successors][0];
    }

    const families = times(3, 100);
    for (let ended = 0; ended < families; ended += 10)
      await Promise.all(Array.from({ length: Math.min(10, families - ended) }, () => reuse(nodes.urls, impatient, () => signIn(impatient), race)));
    Object.assign(counted, { rounds, refreshes, forks, 'families ended by reuse': families });
    assert.equal(forks, 0);
  });
}

/** The leaf of a family that was raced for is alone: its predecessor is of no use after the grace, and ends the family. */
async function reuse(urls, app, signIn, race) {
  const first = (await signIn()).RefreshToken, [leaf] = await race(app, first, 4);
  assert.ok(await isGood(urls.at(-1), leaf.access_token));
  await pause(1000 * grace + 50);
  const late = await app.refresh(urls.at(-1), sabotage === 'no-reuse' ? leaf.refresh_token : first);
  assert.deepEqual([late.status, late.error], [400, 'invalid_grant']);
  for (const url of urls) {
    assert.ok(isRevoked(await app.refresh(url, leaf.refresh_token)));
    assert.ok(!await isGood(url, leaf.access_token));
  }
}
