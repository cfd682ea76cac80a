// F12: the sessions of a backend for frontends wake all at once, and every one of them needs a new access token.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { herd } from '../../bench/herd.mjs';
import { temporary } from '../actors/server.mjs';
import { ledgerOf, sqlite } from './ledger.mjs';
import { quantile, sabotage, times, trial } from './trial.mjs';

trial('F12', 'When all sessions of a backend for frontends wake within a second each gets its tokens, and none is lost', async ({ counted, t }) => {
  const data = await temporary('herd-provider'), sessions = times(300, 10_000);
  t.after(() => rm(data, { recursive: true, force: true }));
  // What a backend would leave behind that forgets what it was answered, twice.
  const forget = () => sqlite(join(data, 'poolhouse.db'), 'update sessions set generation = generation + 2 where id in (select id from sessions limit 3)');
  const access = times(5, 60), { seconds, each, lost, waits, broken } = await herd({ sessions, access, data, asleep: sabotage === 'forgotten-refreshes' ? forget : undefined });
  const { sessions: families } = await ledgerOf(data), ended = [...families.values()].filter(({ revoked }) => revoked).length;
  Object.assign(counted, {
    sessions, lost, 'families ended': ended, 'seconds until all had their tokens': Math.round(10 * seconds) / 10, 'of one, median': Math.round(10 * quantile(each, 0.5)) / 10, 'p99': Math.round(10 * quantile(each, 0.99)) / 10,
    'told to wait': [...waits.values()].reduce((sum, times) => sum + times, 0),
  });
  assert.deepEqual([lost, ended, [...broken]], [0, 0, []]);
  assert.equal(each.length, sessions);
  // One refresh, and another for each life of a token that somebody was kept waiting.
  const [least, most] = [Math.min, Math.max].map(of => of(...[...families.values()].map(({ generation }) => generation)));
  assert.ok(families.size === sessions && least === 1 && most <= 1 + Math.ceil(seconds / access), `${families.size} families were refreshed ${least} to ${most} times`);
});
