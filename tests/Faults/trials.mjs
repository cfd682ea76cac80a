// The trials that run in one process with the server: tests/Trials, written in C#.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const executable = fileURLToPath(new URL('../../artifacts/bin/Trials/release/Poolhouse.Trials', import.meta.url));

/** Runs one, and gives what it counted; throws what it found wrong. Options are those of its command line. */
export async function runTrials(name, options, t) {
  assert.ok(existsSync(executable), 'tests/Trials is not built: dotnet build tests/Trials -c Release');
  const child = spawn(executable, [name, ...Object.entries(options).flatMap(([key, value]) => [`--${key}`, `${value}`])], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [said, code] = await Promise.all([text(child.stdout), new Promise(resolve => child.once('close', resolve))]);
  const { wrong, ...counted } = JSON.parse(said.trim().split('\n').at(-1) || '{"wrong":"it said nothing"}');
  assert.equal(wrong, undefined, `${wrong} ${JSON.stringify(counted)}`);
  assert.equal(code, 0);
  return counted;
}
