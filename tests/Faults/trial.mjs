// What the trials share: how many, by which seed, what was counted, and where that is written down.
import assert from 'node:assert/strict';
import { createHash, randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';

const long = process.env.FAULTS_LONG === '1';

/** How often a fault happens: in the short run of every test, and in the long one. */
export const times = (short, many) => long ? many : short;

/** What the harness spoils on purpose; the trial that it is for has to turn red. */
export const sabotage = process.env.FAULTS_SABOTAGE;

/** Numbers out of a seed (mulberry32), so that a run can be made again. */
export class Chance {
  #state;

  constructor(seed) { this.#state = seed; }

  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  between = (low, high) => low + Math.floor(this.next() * (high - low + 1));

  one = list => list[this.between(0, list.length - 1)];
}

/** The value below which so much of a list lies. */
export const quantile = (list, share) => [...list].sort((a, b) => a - b)[Math.max(0, Math.ceil(list.length * share) - 1)];

/** Waits until it is so; how many milliseconds that took. */
export async function until(done, seconds, what) {
  const began = performance.now();
  for (; !await done(); await pause(50)) assert.ok(performance.now() - began < 1000 * seconds, `${what}: not within ${seconds} s`);
  return performance.now() - began;
}

/**
 * One trial of a fault of the list in faults.mjs. `body` gets chance, an object to count in, and the test; it is cut off after `minutes`.
 * With a reason to `skip`, it is left out and said to be. What was counted goes to FAULTS_RESULTS, if that names a folder.
 */
export function trial(id, name, body, { minutes = times(4, 30), skip = false } = {}) {
  test(name, { timeout: minutes * 60_000, skip }, async t => {
    const seed = Number(process.env.FAULTS_SEED ?? randomInt(2 ** 31)), began = Date.now(), counted = {};
    let held = false;
    t.diagnostic(`${id}: FAULTS_SEED=${seed}`);
    try {
      await body({ chance: new Chance(seed), counted, t });
      held = true;
    } finally {
      t.diagnostic(JSON.stringify(counted));
      await note({ id, name, day: new Date(began).toISOString().slice(0, 10), held, short: !long, seed, seconds: Math.round((Date.now() - began) / 1000), counted });
    }
  });
}

// A trial that is run again replaces what it has said before.
async function note(result) {
  const folder = process.env.FAULTS_RESULTS;
  if (!folder) return;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${createHash('sha256').update(result.id + result.name).digest('hex').slice(0, 16)}.json`), JSON.stringify(result, null, 2));
}
