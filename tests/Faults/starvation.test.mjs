// F18: a server with little memory and a core that others use too, asked for more than it can do, and standing still now and then.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { program, startServer, temporary } from '../actors/server.mjs';
import { Crowd } from './crowd.mjs';
import { ledgerOf } from './ledger.mjs';
import { isTooMuch, settle } from './pool.mjs';
import { quantile, sabotage, times, trial } from './trial.mjs';

// More people than the queue of password hashes takes, which is 128: the sign-ins of one person wait for each other. How long the server
// stands still, and within what it has to be well again.
const impatient = 200, stands = 2000, recovery = 10_000;
const core = '0';

const peak = async pid => Number((await readFile(`/proc/${pid}/status`, 'utf8')).match(/VmHWM:\s+(\d+)/)[1]) / 1024;

trial('F18', 'A starved server turns away what it cannot do, mixes nothing up, and is soon well again', async ({ chance, counted, t }) => {
  const data = await temporary('starved');
  const server = await startServer({ verb: 'serve', data, command: ['taskset', '-c', core, ...program()], env: { DOTNET_GCHeapHardLimit: '0xC800000' } });
  const busy = [];
  t.after(async () => {
    busy.forEach(one => one.kill('SIGKILL'));
    server.kill('SIGCONT');
    await server.stop();
    await rm(data, { recursive: true, force: true });
  });
  const pool = await settle(server, { people: impatient }), app = await pool.app(), crowd = new Crowd(app, chance);
  let probe = (await app.signIn(server.url, pool.people[0])).AuthenticationResult.RefreshToken;

  const starvations = times(3, 40), back = [], turnedAway = [];
  for (let round = 0; round < starvations && crowd.wrong.length === 0; round++) {
    busy.push(...Array.from({ length: 3 }, () => spawn('taskset', ['-c', core, 'sh', '-c', 'while :; do :; done'])));
    crowd.work([server.url]);
    const flood = pool.people.map(person => app.signIn(server.url, person));
    await pause(chance.between(100, 1500));
    server.kill('SIGSTOP');
    await pause(stands);
    if (sabotage !== 'stands-still') server.kill('SIGCONT');
    busy.splice(0).forEach(one => one.kill('SIGKILL'));

    const began = performance.now();
    for (let reply; ;) {
      reply = await Promise.race([app.refresh(server.url, probe), pause(recovery, { status: 'none' })]);
      if (reply.refresh_token) { probe = reply.refresh_token; break; }
      assert.ok(reply.status === 503 && performance.now() - began < recovery, `not well again within ${recovery / 1000} s: ${JSON.stringify(reply)}`);
      await pause(50);
    }
    back.push(performance.now() - began);
    for (const reply of await Promise.all(flood)) {
      if (reply.status === 200) continue;
      turnedAway.push(reply);
      if (!isTooMuch(reply)) crowd.wrong.push(`a sign-in too many was answered ${JSON.stringify(reply)}`);
    }
    await crowd.rest();
    await crowd.check(server.url);
  }
  const memory = await peak(server.pid);
  await server.stop();
  crowd.audit(await ledgerOf(data));

  Object.assign(counted, {
    starvations: back.length, ...crowd.counted, forks: crowd.chains.forks, 'sign-ins at once': impatient, 'turned away': turnedAway.length,
    'ms until well again, median': Math.round(quantile(back, 0.5)), 'most': Math.round(quantile(back, 1)), 'memory, most, MB': Math.round(memory),
  });
  assert.deepEqual(crowd.wrong, []);
  assert.ok(back.length === starvations && crowd.counted.rotations > 5 * starvations && turnedAway.length > 0, 'hardly anything happened');
  assert.ok(quantile(back, 1) < recovery, `well again after ${quantile(back, 1)} ms`);
});
