// F11: signing keys change under load, on two nodes over PostgreSQL, one of which is killed or paused now and then.
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { beside } from '../actors/server.mjs';
import { Crowd } from './crowd.mjs';
import { ledgerOfPostgres } from './ledger.mjs';
import { startNodes } from './nodes.mjs';
import { isGood, settle } from './pool.mjs';
import { sabotage, times, trial } from './trial.mjs';
import { invented, kidOf, Verifier } from './verifier.mjs';

// In place of a day: seconds for which keys are published before they sign. A node may be a second late with a change, and a verifier looks again after its cool-down.
const ahead = 3, late = 1000, coolDown = 1800;

/** Three verifiers that are shown every token that comes, again and again while its key verifies, and all the while invented ones. */
class Verifiers {
  wrong = [];
  checked = 0;
  refused = 0;
  invented = 0;
  #list;
  #tokens = [];
  #removed = new Map();     // kid → since when it is in no key set
  #working = true;

  constructor(urls, pool, chance) {
    let first;
    const old = async reply => (first ??= reply.clone()).clone();
    this.#list = Array.from({ length: 3 }, () => new Verifier(urls, pool, chance, { coolDown: sabotage === 'no-cool-down' ? 0 : coolDown, alter: sabotage === 'old-key-set' ? old : undefined }));
    this.began = Date.now();
    this.chance = chance;
    this.work = Promise.all(this.#list.map(one => this.#ask(one)));
  }

  get fetches() { return Math.max(...this.#list.map(one => one.fetches)); }

  offer(jwt) {
    if (this.#tokens.push(jwt) > 200) this.#tokens.shift();
  }

  async #ask(verifier) {
    while (this.#working) {
      const tokens = this.#tokens.slice(-20).concat(this.#tokens.length ? [this.chance.one(this.#tokens)] : []);
      for (const jwt of tokens) {
        await this.#hold(verifier, jwt);
        if (await verifier.takes(invented(jwt))) this.wrong.push('an invented key is believed');
        this.invented++;
      }
      await pause(20);
    }
  }

  async #hold(verifier, jwt) {
    const taken = await verifier.takes(jwt), since = this.#removed.get(kidOf(jwt));
    this.checked++;
    if (!taken && since === undefined) this.wrong.push('a valid token is refused');
    if (since + late > verifier.setOf || since === undefined) return;
    if (taken) this.wrong.push(`a key is believed that was removed ${verifier.setOf - since} ms before the key set was fetched`);
    this.refused++;
  }

  /** Keys leave the key sets by what `done` does; their tokens go on being shown. */
  async without(kids, done) {
    const fresh = kids.filter(kid => !this.#removed.has(kid));
    for (const kid of fresh) this.#removed.set(kid, Infinity);
    await done();
    for (const kid of fresh) this.#removed.set(kid, Date.now());
  }

  /** Ends when all have looked once more. */
  async end() {
    const now = Date.now() + late;
    for (const verifier of this.#list)
      for (const deadline = now + 20_000; verifier.setOf <= now; await pause(50)) assert.ok(Date.now() < deadline, 'a verifier does not look again');
    await pause(200);
    this.#working = false;
    await this.work;
    const most = (Date.now() - this.began) / coolDown + 1;
    if (this.fetches > most) this.wrong.push(`the key set was fetched ${this.fetches} times, and ${most} are enough`);
  }
}

trial('F11', 'While signing keys change under load no valid token is refused, and no key is believed that was removed', async ({ chance, counted, t }) => {
  const nodes = await startNodes('PostgreSQL', { settings: { POOLHOUSE_Storage__PurgeSeconds: '2' } });
  t.after(() => nodes.stop());
  const { urls, postgres } = nodes, pool = await settle(nodes.list[0], { people: 2 }), lasting = await pool.app({ grace: null });
  const verifiers = new Verifiers(urls, pool.id, chance);
  const crowd = new Crowd(await pool.app(), chance, { alter: reply => {
    if (reply.access_token) verifiers.offer(reply.access_token);
    return reply;
  } });
  // One whose session nobody ends: the server itself has to take its tokens as well.
  const { RefreshToken } = (await lasting.signIn(urls[0], pool.people[0])).AuthenticationResult;
  const fresh = async url => (await lasting.refresh(url, RefreshToken)).access_token;
  const keySet = async url => (await (await fetch(`${url}/${pool.id}/.well-known/jwks.json`)).json()).keys.map(key => key.kid);
  const rotate = (...args) => beside(nodes.list[0], 'keys', 'rotate', '--pool', pool.id, ...args);
  const everywhere = check => Promise.all(urls.map(check));

  /** A day and five minutes pass for all keys before those that sign: who came before them has no living token any more. */
  const age = () => sabotage === 'no-removal' || postgres.sql(`update signing_keys set signs_from = signs_from - 90000000
      where signs_from < (select max(signs_from) from signing_keys where signs_from <= (extract(epoch from clock_timestamp()) * 1000)::bigint);
    with head as (update change_head set seq = seq + 1 returning seq)
      insert into changes (seq, kind, id, at) select seq, 'signing-keys', '${pool.id}', (extract(epoch from clock_timestamp()) * 1000)::bigint from head`);

  const changed = async () => {
    assert.match(await rotate('--ahead', `${ahead}s`), /published now/);
    await pause(1000 * ahead + 200);
  };
  const pairs = [];
  /** The next pair signs, at both nodes, and a token of it is taken by both. */
  const signs = async () => {
    const tokens = await everywhere(fresh), [kid] = tokens.map(kidOf);
    assert.ok(tokens.every(jwt => kidOf(jwt) === kid) && pairs.every(([before]) => before !== kid), 'the keys did not change');
    pairs.push([kid, tokens[1]]);
    verifiers.offer(tokens[0]);
    for (const [, jwt] of pairs.slice(-2)) assert.deepEqual(await everywhere(url => isGood(url, jwt)), [true, true]);
  };
  /** No node publishes a key or takes its token. */
  const gone = async ([kid, jwt]) => {
    if ((await everywhere(keySet)).some(set => set.includes(kid)) || (await everywhere(url => isGood(url, jwt))).includes(true)) verifiers.wrong.push('a node takes a key that was removed');
    refused++;
  };

  const rotations = times(3, 200), which = 1;
  let down = 0, refused = 0;
  await signs();
  crowd.work(urls, 4);
  for (let rotation = 0; rotation < rotations && verifiers.wrong.length === 0; rotation++) {
    if (rotation % 3 === 1) {
      await nodes.kill(which, changed);
    } else if (rotation % 3 === 2) {
      nodes.list[which].kill('SIGSTOP');
      await changed().finally(() => nodes.list[which].kill('SIGCONT'));
    } else {
      await changed();
    }
    if (rotation % 3 > 0) down++;
    for (const pair of pairs.slice(0, -2).slice(-3)) await gone(pair);
    await signs();
    await verifiers.without(pairs.slice(0, -2).map(([kid]) => kid), age);
  }
  await crowd.rest();
  await crowd.check(chance.one(urls));
  // Keys that have leaked: every token of before dies.
  await verifiers.without(pairs.map(([kid]) => kid), () => rotate('--withdraw'));
  await pause(late);
  for (const pair of pairs) await gone(pair);
  await verifiers.end();
  crowd.audit(await ledgerOfPostgres(postgres));

  Object.assign(counted, {
    rotations: pairs.length - 1, 'with a node killed or paused': down, refreshes: crowd.counted.rotations, forks: crowd.chains.forks, 'tokens checked by three verifiers': verifiers.checked, 'invented keys': verifiers.invented,
    'tokens of removed keys refused': verifiers.refused + refused, 'fetches of the key set by one of them': verifiers.fetches,
  });
  assert.deepEqual([...verifiers.wrong.slice(0, 5), ...crowd.wrong], []);
  assert.ok(pairs.length === rotations + 1 && verifiers.checked > 100 * rotations && verifiers.invented > 100 * rotations && verifiers.refused > rotations, 'hardly anything happened');
}, { minutes: times(4, 40) });
