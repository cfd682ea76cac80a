// F17: nodes are stopped and started again, one after the other, under load; and a newer version takes the place of an older one.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startFront } from '../../bench/race/front.mjs';
import { run, startServer, temporary } from '../actors/server.mjs';
import { Crowd } from './crowd.mjs';
import { ledgerOfPostgres } from './ledger.mjs';
import { startNodes } from './nodes.mjs';
import { ready, settle } from './pool.mjs';
import { sabotage, times, trial, until } from './trial.mjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const drain = { POOLHOUSE_Server__DrainSeconds: '2' };
const signal = sabotage === 'no-drain' ? 'SIGKILL' : 'SIGTERM';

/** A proxy that sends requests only to nodes whose /readyz says yes, which it asks four times a second. */
async function balance(nodes) {
  const front = await startFront({ loss: 0, saw() {} }), left = new Set();
  let going = true, taken = [];
  const look = async () => {
    const said = await Promise.all(nodes.list.map(async node => !left.has(node.port) && await ready(node.url) === 200 && node.port));
    front.to(taken = said.filter(Boolean));
  };
  await look();
  const watching = (async () => { for (; going; await pause(250)) await look(); })();
  return {
    url: front.url,
    /** Waits until the proxy sends to this node as well. */
    takes: node => until(() => taken.includes(node.port), 10, 'the proxy takes the node'),
    /** As an operator does for a version that has no drain of its own. */
    async leaves(node) {
      left.add(node.port);
      await until(() => !taken.includes(node.port), 10, 'the proxy leaves the node');
      await pause(1000);
      return () => left.delete(node.port);
    },
    async stop() {
      going = false;
      await watching;
      await front.stop();
    },
  };
}

/** Stops a node as an operator does, and starts it again: the version that is tried. One that drains says so, and answers on. */
async function replace(nodes, which, { drains = false } = {}) {
  const node = nodes.list[which];
  node.kill(signal);
  if (drains && signal === 'SIGTERM') {
    await until(async () => await ready(node.url) === 503, 2, '/readyz says that the node stops');
    assert.equal((await fetch(`${node.url}/healthz`)).status, 200);
  }
  const { code } = await node.exited;
  await node.stop();
  if (signal === 'SIGTERM') assert.equal(code, 0);
  nodes.list[which] = await startServer({ verb: 'serve', port: node.port, env: node.env });
}

const requests = ({ signIns, rotations, revocations }) => signIns + rotations + revocations;

/** What a crowd has counted at the end, when nothing at all may have failed. */
async function nothingFailed(crowd, nodes) {
  await crowd.check(nodes.urls[0]);
  crowd.audit(await ledgerOfPostgres(nodes.postgres));
  return [...crowd.wrong, ...crowd.counted.unanswered ? [`${crowd.counted.unanswered} requests were not answered`] : []];
}

trial('F17', 'Nodes that are started again one after the other behind a proxy let no request fail', async ({ chance, counted, t }) => {
  const nodes = await startNodes('PostgreSQL', { settings: drain });
  t.after(() => nodes.stop());
  const crowd = new Crowd(await (await settle(nodes.list[0])).app(), chance), proxy = await balance(nodes);
  t.after(() => proxy.stop());
  let restarts = 0;
  crowd.work([proxy.url], 6);
  for (const rounds = times(1, 25); restarts < 2 * rounds && crowd.wrong.length === 0; restarts++) {
    await pause(chance.between(200, 1000));
    await replace(nodes, restarts % 2, { drains: true });
    await proxy.takes(nodes.list[restarts % 2]);
  }
  await crowd.rest();
  const wrong = await nothingFailed(crowd, nodes);
  Object.assign(counted, { restarts, requests: requests(crowd.counted), ...crowd.counted });
  assert.deepEqual(wrong, []);
  assert.ok(requests(crowd.counted) > 20 * restarts, 'hardly anything happened');
});

/** The built server of the commit before the schema last changed; FAULTS_OLD names one that is there already. */
async function before() {
  const dll = folder => join(folder, 'artifacts/bin/Server/release/poolhouse.dll');
  const given = process.env.FAULTS_OLD;
  if (given && existsSync(dll(given))) return dll(given);
  const folder = await temporary('older');
  const { code, out, err } = await run('/bin/sh', ['-c',
    'last=$(git log --first-parent --format=%H -1 -- src/Storage/Migrations) && git archive "$last^" | tar x -C "$0" && cd "$0" && dotnet build src/Server -c Release --tl:off -p:RunAnalyzers=false', folder],
  { cwd: root, env: { ...process.env, DOTNET_CLI_USE_MSBUILD_SERVER: '0', MSBUILDDISABLENODEREUSE: '1' } });
  if (code !== 0) throw new Error(`the older version was not built: ${out}${err}`);
  return dll(folder);
}

trial('F17 upgrade', 'A newer version takes the place of an older one, node by node, and lets no request fail', async ({ chance, counted, t }) => {
  const older = { command: ['dotnet', await before()] };
  const nodes = await startNodes('PostgreSQL', older);
  t.after(() => nodes.stop());
  const pool = await settle(nodes.list[0], { command: older.command }), crowd = new Crowd(await pool.app(), chance), proxy = await balance(nodes);
  t.after(() => proxy.stop());
  const upgrade = async which => {
    const back = await proxy.leaves(nodes.list[which]);
    await replace(nodes, which);
    back();
    await proxy.takes(nodes.list[which]);
  };
  const version = () => nodes.postgres.sql('select max(version) from schema_versions').then(Number), from = await version();
  crowd.work([proxy.url], 6);
  await pause(2000);
  await upgrade(1);
  const to = await version();
  await pause(10_000);
  // The older node goes on with all that it can do, on a schema that it does not know.
  const later = await settle(nodes.list[0]), app = await later.app();
  const { AuthenticationResult: session } = await app.signIn(nodes.urls[0], later.people[0]);
  assert.equal((await app.refresh(nodes.urls[1], session.RefreshToken)).status, 200);
  // To start it now is refused, and says why.
  const refused = await startServer({ verb: 'serve', env: nodes.list[0].env, ...older }).then(async server => { await server.stop(); return 'started'; }, problem => problem.message);
  await upgrade(0);
  await pause(2000);
  await crowd.rest();
  const wrong = await nothingFailed(crowd, nodes);
  Object.assign(counted, { upgrades: 1, 'schema before': from, after: to, requests: requests(crowd.counted), ...crowd.counted });
  assert.deepEqual(wrong, []);
  assert.ok(to > from, `the schema is ${to} as before`);
  assert.match(refused, new RegExp(`schema version ${to}, this program knows ${from}`));
}, { skip: times('only in the long run: the older version has to be built first', false) });
