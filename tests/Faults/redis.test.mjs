// F6: the Redis in which a backend for frontends keeps its sessions is killed, paused, emptied, and told lies.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beginSignIn, startBff } from '../actors/bff.mjs';
import { startRedis } from '../actors/redis.mjs';
import { freePort, startServer, temporary } from '../actors/server.mjs';
import { Visitor } from '../actors/visitor.mjs';
import { claims } from './pool.mjs';
import { sabotage, times, trial } from './trial.mjs';

const pool = 'us-east-1_Redis', secret = 'r'.repeat(52), password = 'Swim-4-Fun', names = ['ana', 'ben', 'cleo'];
const seed = app => [
  { CreateUserPool: { PoolName: 'Redis' }, Id: pool },
  ...names.flatMap(Username => [{ AdminCreateUser: { UserPoolId: pool, Username, MessageAction: 'SUPPRESS' } }, { AdminSetUserPassword: { UserPoolId: pool, Username, Password: password, Permanent: true } }]),
  { Id: 'redis', Secret: secret, CreateUserPoolClient: {
    UserPoolId: pool, ClientName: 'redis', GenerateSecret: true, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'], AllowedOAuthScopes: ['openid'], CallbackURLs: [`${app}/bff/callback`],
    // So short that there is a refresh on its way whenever something happens.
    AccessTokenValidity: 3, IdTokenValidity: 3, TokenValidityUnits: { AccessToken: 'seconds', IdToken: 'seconds' }, RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 60 },
  } },
];

/** People with browsers, who ask all the time who they are and for an access token, and judge every answer. */
class People {
  wrong = [];
  counted = { answers: 0, 'answers 503': 0, 'signed out': 0, 'ms of one answer, most': 0 };
  #working = true;

  constructor(url) {
    this.url = url;
    this.list = [...names, ...names].map(name => ({ name, away: false, mayEnd: false }));
  }

  async signIn(person) {
    const visitor = new Visitor(), provider = new Visitor();
    const asked = await provider.open(await beginSignIn(visitor, this.url));
    const back = (await provider.submit(asked, 'password', { username: person.name, password })).headers.get('location');
    await visitor.go(back);
    person.handle = visitor.cookies.get('bff-dev');
    Object.assign(person, { mayEnd: false, away: false });
    const { claims: { sub } } = await this.#json(person, 'session');
    assert.ok(sub && (person.sub ??= sub) === sub, 'signed in as somebody else');
  }

  /** The key under which the session lies. */
  key = ({ handle }) => `bff:session:${createHash('sha256').update(handle).digest('base64url')}`;

  async #json(person, what) {
    const other = sabotage === 'swapped-cookies' && this.counted.answers >= 500 && this.list.find(one => one.name !== person.name);
    const reply = await fetch(`${this.url}/bff/${what}`, { method: what === 'token' ? 'POST' : 'GET', headers: { 'x-bff': '1', cookie: `bff-dev=${(other || person).handle}` }, signal: AbortSignal.timeout(40_000) });
    return { status: reply.status, again: Number(reply.headers.get('retry-after')), ...await reply.json() };
  }

  async ask(person, what) {
    const began = performance.now(), { handle } = person;
    const { status, again, ...body } = await this.#json(person, what).catch(problem => ({ status: 0, problem }));
    if (handle !== person.handle) return;
    this.counted.answers++;
    this.counted['ms of one answer, most'] = Math.max(this.counted['ms of one answer, most'], Math.round(performance.now() - began));
    const bad = why => this.wrong.push(`${why}: ${what} ${status} ${JSON.stringify(body).slice(0, 200)}`), members = Object.keys(body).sort().join();
    person.away = status === 503;
    if (status === 503) {
      this.counted['answers 503']++;
      if (!(again > 0) || members !== 'error,message') bad('no clear 503');
    } else if (status === 401 || status === 200 && body.signedIn === false) {
      this.counted['signed out']++;
      if (!person.mayEnd || members !== (status === 401 ? 'reason' : 'reason,signedIn')) bad(`${person.name} was signed out`);
      person.ended = handle;
    } else if (status !== 200) bad('another answer');
    else if (what === 'session' ? members !== 'claims,expiresIn,signedIn' || /eyJ/.test(JSON.stringify(body)) : members !== 'accessToken,expiresIn') bad('more than is to be seen');
    else if ((what === 'session' ? body.claims : claims(body.accessToken)).sub !== person.sub) bad('somebody else\'s session');
  }

  work() {
    const walks = this.list.map(async person => {
      for (let turn = 0; this.#working; turn++) {
        await this.ask(person, turn % 2 ? 'session' : 'token');
        await pause(20);
      }
    });
    this.rest = () => {
      this.#working = false;
      return Promise.all(walks);
    };
  }
}

const until = async (done, what) => {
  const began = performance.now();
  for (; !await done(); await pause(20)) assert.ok(performance.now() - began < 20_000, `${what}: not within 20 s`);
  return performance.now() - began;
};

trial('F6', 'Whatever becomes of the Redis of a backend for frontends, nobody gets a wrong answer, and all is well when it is', async ({ chance, counted, t }) => {
  const directory = await temporary('f6'), url = `http://localhost:${await freePort()}`, running = [];
  t.after(async () => {
    for (const one of running.reverse()) await one.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const started = one => (running.push(one), one);
  await writeFile(join(directory, 'seed.json'), JSON.stringify(seed(url)));
  const provider = started(await startServer({ args: ['--short-lifetimes', '--seed', join(directory, 'seed.json')] })), redis = started(await startRedis({ durable: sabotage !== 'forgetful-redis' }));
  started(await startBff({ PublicUrl: url, Authority: `${provider.url}/${pool}`, ClientId: 'redis', ClientSecret: secret, Scopes: ['openid'], HandOutAccessTokens: true, Store: { Kind: 'redis', ConnectionString: redis.connection } }));
  const people = new People(url);
  for (const person of people.list) await people.signIn(person);

  const healed = [];
  /** All get their answers again, who was signed in before as before. */
  const well = async () => healed.push(await until(async () => {
    for (const person of people.list) for (const what of ['session', 'token']) await people.ask(person, what);
    return people.wrong.length > 0 || people.list.every(one => !one.away && one.ended !== one.handle);
  }, 'all is well'));
  /** Who may have been signed out is, or was told 503, and signs in again. */
  const comeBack = async list => {
    await until(async () => {
      for (const person of list) await people.ask(person, 'session');
      return people.wrong.length > 0 || list.every(one => one.away || one.ended === one.handle);
    }, 'nobody has noticed');
    for (const person of list) await people.signIn(person);
    return well();
  };
  const spoiled = async (change, ...list) => {
    for (const person of list) person.mayEnd = true;
    await change(...list.map(people.key));
    await comeBack(list);
  };
  const some = () => [chance.between(0, 2), chance.between(3, 5)].map(at => people.list[at]);
  const happens = {
    async killed() {
      await redis.kill();
      await pause(chance.between(0, 2000));
      await redis.start();
      await well();
    },
    async paused() {
      redis.signal('SIGSTOP');
      await pause(chance.between(500, times(2000, 8000)));
      redis.signal('SIGCONT');
      await well();
    },
    async emptied() {
      for (const person of people.list) person.mayEnd = true;
      await redis.cli('flushall');
      await comeBack(people.list);
    },
    swapped: () => spoiled(async (one, other) => {
      await redis.cli('rename', one, 'aside');
      await redis.cli('rename', other, one);
      await redis.cli('rename', 'aside', other);
    }, people.list[0], people.list[4]),
    changed: () => spoiled(async key => {
      const text = await redis.cli('hget', key, 'p'), at = chance.between(0, text.length - 3);
      await redis.cli('hset', key, 'p', text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1));
    }, some()[0]),
    'of another kind': () => spoiled(async key => {
      await redis.cli('del', key);
      await redis.cli('set', key, 'x');
    }, some()[1]),
    halved: () => spoiled(key => redis.cli('hdel', key, chance.one(['v', 'p'])), some()[0]),
    'no number': () => spoiled(key => redis.cli('hset', key, 'v', 'many'), some()[1]),
  };

  const kinds = Object.keys(happens), faults = times(kinds.length, 120);
  let made = 0;
  people.work();
  for (; made < faults && people.wrong.length === 0; made++) {
    await pause(chance.between(100, 1500));
    await happens[made < kinds.length ? kinds[made] : chance.one(kinds)]();
  }
  await people.rest();
  Object.assign(counted, { faults: made, sessions: people.list.length, ...people.counted, 'ms until all was well, most': Math.round(Math.max(...healed)) });
  assert.deepEqual(people.wrong.slice(0, 5), []);
  assert.ok(people.counted['answers 503'] > 0 && people.counted['signed out'] > 0, 'hardly anything happened');
  assert.ok(Math.max(...healed) < 10_000, `all was well after ${Math.max(...healed)} ms`);
});
