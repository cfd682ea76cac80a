// F2: the power of the disk is cut at any moment, under load, on SQLite. A kill cannot show that an fsync is missing; this can.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { startServer } from '../actors/server.mjs';
import { Crowd } from './crowd.mjs';
import { cannotMount, forgetful, LoopDisk } from './disks.mjs';
import { ledgerOf } from './ledger.mjs';
import { call, settle } from './pool.mjs';
import { sabotage, times, trial } from './trial.mjs';

const megabytes = 96;

/** Starts the server on a disk of its own, cuts its power again and again until something is wrong, and tells what came of it. */
async function cuts(many, chance, disk, env) {
  const start = port => startServer({ verb: 'serve', data: disk.data, port, env: { POOLHOUSE_Storage__BallastMegabytes: '1', ...env } });
  let server = await start(), made = 0;
  const crowd = new Crowd(await (await settle(server)).app(), chance);
  try {
    // What administrators did is there; the trial is about what the crowd does.
    await disk.sync();
    for (; made < many && crowd.wrong.length === 0; made++) {
      crowd.work([server.url]);
      await pause(chance.between(50, 1500));
      // A machine without power answers nobody. This one goes on for a moment, and an fsync that was on its way when ext4 was shut
      // down can still report success: a few replies of 180 cuts came after the cut, and were not true.
      crowd.deaf = true;
      await disk.cut();
      await pause(chance.between(0, 100));
      server.kill('SIGKILL');
      await server.exited;
      await crowd.rest();
      await disk.off();
      await disk.on();
      crowd.deaf = false;
      server = await start(server.port);
      await crowd.check(server.url);
    }
    await server.stop();
    crowd.audit(await ledgerOf(disk.data));
  } finally {
    server.kill('SIGKILL');
    await server.exited;
  }
  return { made, crowd };
}

trial('F2', 'A power cut loses nothing that the server has answered, and the database is whole', async ({ chance, counted, t }) => {
  if (cannotMount(t)) return;
  const disk = await LoopDisk.mount(megabytes);
  t.after(() => disk.unmount());
  const many = times(10, 100);
  const { made, crowd } = await cuts(many, chance, disk, sabotage === 'no-fsync' ? await forgetful(disk.folder) : {});
  Object.assign(counted, { cuts: made, ...crowd.counted, forks: crowd.chains.forks });
  assert.deepEqual(crowd.wrong, []);
  assert.ok(made === many && crowd.counted.rotations > 10 * many && crowd.counted.unanswered > 0, 'hardly anything happened');
});

trial('F2 control', 'The same server on a disk that confirms what it has not written is found out', async ({ chance, counted, t }) => {
  if (cannotMount(t)) return;
  const disk = await LoopDisk.mount(megabytes);
  t.after(() => disk.unmount());
  const { made, crowd } = await cuts(20, chance, disk, await forgetful(disk.folder));
  Object.assign(counted, { cuts: made, ...crowd.counted, 'lost or wrong': crowd.wrong.length });
  assert.ok(crowd.wrong.length > 0, `${made} cuts without an fsync lost nothing: they prove nothing`);
});

trial('F2 first start', 'A power cut right after the first start leaves a data directory that starts again', async ({ counted, t }) => {
  if (cannotMount(t)) return;
  const disk = await LoopDisk.mount(megabytes);
  t.after(() => disk.unmount());
  const server = await startServer({ verb: 'serve', data: disk.data });
  await (await settle(server, { people: 1 })).app();
  await disk.cut();
  server.kill('SIGKILL');
  await server.exited;
  await disk.off();
  await disk.on();
  const again = await startServer({ verb: 'serve', data: disk.data, port: server.port });
  await again.stop();
  const { sessions } = await ledgerOf(disk.data);
  assert.equal(sessions.size, 0);
  counted.cuts = 1;
});

trial('F2 dead disk', 'A server whose disk is gone says so with 503, and, when nothing can be read, that it is not ready', async ({ counted, t }) => {
  if (cannotMount(t)) return;
  const disk = await LoopDisk.mount(megabytes);
  const server = await startServer({ verb: 'serve', data: disk.data, env: { POOLHOUSE_Storage__BallastMegabytes: '1' } });
  t.after(async () => {
    server.kill('SIGKILL');
    await server.exited;
    await disk.unmount();
  });
  const { url } = server, pool = await settle(server, { people: 1 }), app = await pool.app(), [ana] = pool.people;
  const { RefreshToken, AccessToken } = (await app.signIn(url, ana)).AuthenticationResult;
  const status = (path, init) => fetch(`${url}${path}`, init).then(reply => reply.status, () => 0);
  const page = `/login?${new URLSearchParams({ client_id: app.id, response_type: 'code', redirect_uri: app.CallbackURLs[0], code_challenge: 'x'.repeat(43), code_challenge_method: 'S256' })}`;
  const asked = {
    'a sign-in': () => app.signIn(url, ana), 'a refresh': () => app.refresh(url, RefreshToken), 'a revocation': () => app.revoke(url, RefreshToken), GetUser: () => call(url, 'GetUser', { AccessToken }),
    'an administrator': () => pool.admin('ListUsers', { UserPoolId: pool.id }).then(() => ({ status: 200 }), problem => ({ status: /ServiceUnavailable/.test(problem.message) ? 503 : problem.message })),
    'the key set': async () => ({ status: await status(`/${pool.id}/.well-known/jwks.json`) }), 'the page': async () => ({ status: await status(page) }),
  };

  await disk.sync();
  if (sabotage !== 'no-cut') await disk.cut();
  const gone = new Set(), wrong = new Set(), began = Date.now();
  counted.cuts = 1;
  counted['requests on a dead disk'] = 0;
  // What is held in memory may go on for a moment; in doubt whether a write has reached the disk, the server stops.
  while (Date.now() < began + 3000) {
    for (const [what, ask] of Object.entries(asked)) {
      const { status } = await ask();
      counted['requests on a dead disk']++;
      if (status === 503 || status === 0) gone.add(what);
      else if (status !== 200 || gone.has(what)) wrong.add(`${what}: ${status}`);
    }
  }
  // As long as the database's pages are in memory reads succeed, and with them what a node keeps: keys and pages.
  const readable = !gone.has('the key set');
  assert.deepEqual([[...wrong], Object.keys(asked).filter(what => !gone.has(what))], [[], readable ? ['the key set', 'the page'] : []]);
  assert.ok(readable || [503, 0].includes(await status('/readyz')));
});
