// The race lab in short: a few tabs and two nodes of `poolhouse serve` over PostgreSQL. bench/race.sh has the long one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Chains } from '../../bench/race/chains.mjs';
import { race } from '../../bench/race/lab.mjs';

test('Tabs that refresh at once, with replies that get lost and a node that is killed, fork nothing and sign nobody out', async t => {
  const happened = chains => chains.lost >= 3 && chains.generations >= 10;
  const { forks, ended, signedOut, signIns, refused, lost, generations, rotations, calls } =
    await race({ tabs: 4, nodes: 2, loss: 0.2, seconds: 8, forced: 400, turnover: 2000 }, happened);
  t.diagnostic(`${generations} refresh tokens spent, ${lost} replies lost, ${calls} calls`);
  assert.deepEqual({ forks, ended, signedOut, signIns, refused }, { forks: 0, ended: 0, signedOut: 0, signIns: 0, refused: 0 });
  assert.ok(lost >= 3 && generations >= 10 && rotations >= generations && calls > 20, `${lost} lost, ${generations} of ${rotations} generations, ${calls} calls`);
});

test('What the lab calls a fork is one: two successors of a token, and not the same one twice', () => {
  const grant = (chains, form, refresh_token) =>
    chains.saw(new URLSearchParams(form), { status: 200, body: JSON.stringify({ refresh_token }) }, false);
  const chains = new Chains();
  grant(chains, { grant_type: 'authorization_code' }, 'a');
  for (const [presented, issued] of [['a', 'b'], ['a', 'b'], ['b', 'c'], ['a', 'b']]) grant(chains, { grant_type: 'refresh_token', refresh_token: presented }, issued);
  assert.deepEqual([chains.forks, chains.mostSuccessors, chains.generations, chains.asked], [0, 1, 2, 4]);
  grant(chains, { grant_type: 'refresh_token', refresh_token: 'b' }, 'another');
  assert.deepEqual([chains.forks, chains.mostSuccessors], [1, 2]);
});
