// The page of faults is what the newest kept results say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { faults } from './faults.mjs';
import { newest, onto, page, written } from './page.mjs';

test('docs/reference/faults.md is written from the newest results', () => assert.equal(written(), page(newest())));

test('Every result is of a fault in the list, and counts what the list says is counted', () => {
  for (const { id, counted } of newest().results) {
    const unit = faults.find(fault => fault.id === id)?.unit;
    assert.ok(counted[unit] > 0, `${id} counts no ${unit}`);
  }
});

test('A trial that did not hold is said so', () => {
  const run = { day: '2026-01-01', results: [{ id: 'F1', name: 'x', day: '2026-01-01', held: false, seed: 1, seconds: 1, counted: { kills: 7 } }] };
  assert.match(page(run), /\*\*Not everything held: F1\.\*\*/);
  assert.match(page(run), /\| 7 kills \| \*\*not held\*\*; seed 1 \|/);
  for (const { id } of faults.filter(fault => !fault.holds && !fault.elsewhere)) assert.match(page(run), new RegExp(`\\| ${id} \\| .* \\| not built \\| \\|`));
});

test('What was not run again keeps its day', () => {
  const result = (id, day, kills) => ({ id, name: id, day, held: true, seed: 1, seconds: 1, counted: { kills, cuts: kills } });
  const kept = [result('F1', '2026-01-01', 7), result('F2', '2026-01-01', 8)];
  const next = { day: '2026-01-02', results: onto(kept, [result('F2', '2026-01-02', 9)]) };
  const third = { day: '2026-01-03', results: onto(next.results, []) };
  assert.match(page(next), /\| 7 kills \| on 2026-01-01; .*\n.*\| 9 cuts \| kills/);
  assert.match(page(third), /\| 7 kills \| on 2026-01-01; .*\n.*\| 9 cuts \| on 2026-01-02; /);
});
