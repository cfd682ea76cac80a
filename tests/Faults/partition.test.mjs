// F7: two nodes, their database and three guards, each in a network namespace, are cut off from each other.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startGuard } from '../actors/guard.mjs';
import { startPostgres } from '../actors/postgres.mjs';
import { program, startServer } from '../actors/server.mjs';
import { Crowd } from './crowd.mjs';
import { ledgerOfPostgres } from './ledger.mjs';
import { Network, noNetworks } from './networks.mjs';
import { settle } from './pool.mjs';
import { quantile, sabotage, times, trial, until } from './trial.mjs';

// Milliseconds for which a guard believes what it heard last, and how long a cut lasts.
const bound = sabotage === 'no-bound' ? 60_000 : 5_000, lasting = 9_000;

const cuts = {
  'a from the database': network => network.cut('a', 'db'),
  'guard one from a': network => network.cut('one', 'a'),
  'the database is deaf to a': network => network.drop('a', 'db'),
  'a is deaf to the database': network => network.drop('db', 'a'),
  'guard two is deaf to a': network => network.drop('a', 'two'),
  'a from the database, every other second': async network => {
    for (let times = 0; times < 5; times++) {
      await network.cut('a', 'db');
      await pause(1000);
      await network.heal();
      await pause(1000);
    }
  },
  'everybody from a': async network => { for (const other of ['b', 'db', 'one', 'two', 'three']) await network.cut('a', other); },
};

/** Two nodes over one database and three guards that listen to the first node, each at an address of its own. */
async function start(network, opened) {
  const postgres = await startPostgres({ durable: true, listen: network.address('db'), within: network.within('db') });
  opened.push(() => postgres.stop());
  const env = { POOLHOUSE_Storage__ConnectionString: `${postgres.connection};Timeout=3;Command Timeout=5`, POOLHOUSE_Keys__Master: randomBytes(32).toString('base64') };
  const list = [];
  opened.push(() => Promise.all(list.map(node => node.stop())));
  for (const name of ['a', 'b']) {
    list.push(await startServer({ verb: 'serve', port: 9229, env, host: network.address(name), command: [...network.within(name), ...program()] }));
    Object.assign(env, { POOLHOUSE_Server__PublicUrl: list[0].url, POOLHOUSE_Server__Hosts: network.address('b') });
  }
  // An administrator's command runs beside the node, and reaches its database.
  const pool = await settle(list[0], { command: [...network.within('a'), ...program()] });
  const app = await pool.app(), reader = await pool.app({
    grace: null, GenerateSecret: true, ExplicitAuthFlows: [], AllowedOAuthFlows: ['client_credentials'], AllowedOAuthScopes: ['poolhouse/revocations.read'], CallbackURLs: [],
  });
  const guards = [];
  opened.push(() => Promise.all(guards.map(guard => guard.stop())));
  for (const name of ['one', 'two', 'three']) {
    guards.push(await startGuard({
      modules: fileURLToPath(new URL('node_modules', import.meta.url)), within: network.within(name), host: network.address(name), port: 5055,
      env: { ISSUER: `${list[0].url}/${pool.id}`, CLIENT_ID: app.id, BLIND_AFTER: String(bound), FEED_CLIENT_ID: reader.id, FEED_CLIENT_SECRET: reader.secret },
    }));
  }
  return { postgres, urls: list.map(node => node.url), pool, app, guards };
}

trial('F7', 'Whoever is cut off lets nobody in for longer than its bound, and comes back by itself', async ({ chance, counted, t }) => {
  const network = await Network.of('a', 'b', 'db', 'one', 'two', 'three'), opened = [() => network.stop()];
  // The network goes last: without it nothing in it can be told to stop.
  t.after(async () => { for (const stop of opened.reverse()) await stop(); });
  const { postgres, urls, pool, app, guards } = await start(network, opened), crowd = new Crowd(app, chance);
  const session = async () => (await app.signIn(urls[1], chance.one(pool.people))).AuthenticationResult;
  const welcome = await session(), letIn = () => Promise.all(guards.map(guard => guard.ask(welcome.AccessToken)));
  const all = async () => (await letIn()).every(status => status === 200);
  await until(all, 20, 'the guards know');

  const names = times(Object.keys(cuts).slice(0, 2), Array(4).fill(Object.keys(cuts)).flat()), late = [], back = [];
  let asked = 0, blind = 0;
  for (const name of names) {
    if (crowd.wrong.length > 0) break;
    const ended = await session();
    await until(async () => (await Promise.all(guards.map(guard => guard.ask(ended.AccessToken)))).every(status => status === 200), 20, 'the guards let in whom they should');
    crowd.work(urls, 4);
    await pause(chance.between(200, 1000));
    const began = performance.now();
    await cuts[name](network);
    assert.equal((await app.revoke(urls[1], ended.RefreshToken)).status, 200);
    const revoked = performance.now();
    // Each guard is asked for the session that ended: until which moment does it let it in?
    let going = true;
    const watching = guards.map(async guard => {
      for (; going; await pause(50)) {
        const sent = performance.now(), status = await guard.ask(ended.AccessToken);
        asked++;
        if (status === 200) late.push(sent - revoked);
        if (status === 503) blind++;
      }
    });
    await pause(Math.max(0, began + lasting - performance.now()));
    await network.heal();
    back.push(await until(all, 40, `all goes on after: ${name}`));
    // A node that was cut off takes writes again.
    await until(async () => (await Promise.all(urls.map(url => app.signIn(url, pool.people[0])))).every(reply => reply.status === 200), 40, 'both nodes sign in');
    await crowd.rest();
    going = false;
    await Promise.all(watching);
    await crowd.check(urls[0]);
    t.diagnostic(`${name}: all goes on ${Math.round(back.at(-1))} ms after the end of the cut`);
  }
  crowd.audit(await ledgerOfPostgres(postgres));

  Object.assign(counted, {
    cuts: back.length, ...crowd.counted, forks: crowd.chains.forks, 'guards asked for revoked sessions': asked, '503 since they could not know': blind,
    'ms for which a revoked session was let in, most': Math.round(Math.max(0, ...late)), 'ms until all went on, median': Math.round(quantile(back, 0.5)), most: Math.round(quantile(back, 1)),
  });
  assert.deepEqual(crowd.wrong, []);
  assert.ok(Math.max(0, ...late) < 6_000, `a revoked session was let in ${Math.round(Math.max(...late))} ms after its end`);
  assert.ok(quantile(back, 1) < 10_000, `all went on after ${quantile(back, 1)} ms`);
  assert.ok(back.length === names.length && crowd.counted.rotations > 5 * names.length && blind > 0, 'hardly anything happened');
}, { skip: sabotage ? noNetworks() : times('only in the long run: it takes minutes', noNetworks()) });
