// F19: nodes, store, feed, guards and apps in one process, where a seed decides whose turn is next and what goes wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sabotage, times, trial } from './trial.mjs';
import { runTrials } from './trials.mjs';

trial('F19', 'Whatever the order, a session has one successor, what is revoked stays so, and no guard accepts it past its bound', async ({ chance, counted, t }) => {
  const { trace, ...all } = await runTrials('simulate', { seed: chance.between(1, 2 ** 31 - 1), steps: times(60_000, 1_000_000), seconds: times(30, 1500), sabotage: sabotage ?? 'none' }, t);
  Object.assign(counted, all);
  assert.ok(trace);
});

test('The same seed is the same run, step by step', async t => {
  const run = seed => runTrials('simulate', { seed, steps: 4000 }, t);
  const [one, again, other] = [await run(1), await run(1), await run(2)];
  assert.deepEqual(again, one);
  assert.notEqual(other.trace, one.trace);
});
