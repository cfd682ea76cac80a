// The herd: sessions that all wake at once (started by bench/herd.sh, and as a trial by tests/Faults).
import { Agent, request } from 'node:http';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { beginSignIn, startBff } from '../tests/actors/bff.mjs';
import { startPostgres } from '../tests/actors/postgres.mjs';
import { freePort, startServer, temporary } from '../tests/actors/server.mjs';
import { Visitor } from '../tests/actors/visitor.mjs';

const pool = 'us-east-1_Herd', user = { username: 'ana', password: 'Swim-4-Fun' };
const secret = 'h'.repeat(52);
const seed = (app, access) => [
  { CreateUserPool: { PoolName: 'Herd' }, Id: pool },
  { AdminCreateUser: { UserPoolId: pool, Username: user.username, MessageAction: 'SUPPRESS' } },
  { AdminSetUserPassword: { UserPoolId: pool, Username: user.username, Password: user.password, Permanent: true } },
  {
    Id: 'herd', Secret: secret, CreateUserPoolClient: {
      UserPoolId: pool, ClientName: 'herd', GenerateSecret: true, AllowedOAuthFlowsUserPoolClient: true, AllowedOAuthFlows: ['code'], AllowedOAuthScopes: ['openid'],
      CallbackURLs: [`${app}/bff/callback`], AccessTokenValidity: access, IdTokenValidity: access, TokenValidityUnits: { AccessToken: 'seconds', IdToken: 'seconds' },
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 10 },
    },
  },
];

/** Signs in once with the password, and then as often as is asked for by the session that the provider has; the handles of the sessions. */
async function signIn(app, sessions) {
  const provider = new Visitor(), handles = [];
  const one = async first => {
    const visitor = new Visitor();
    let answer = await provider[first ? 'open' : 'go'](await beginSignIn(visitor, app));
    if (first) answer = await provider.submit(answer, 'password', user);
    const back = answer.headers.get('location');
    if (!back?.startsWith(app)) throw new Error(`the provider answers ${answer.status} ${back} ${answer.html.slice(0, 500)}`);
    await visitor.go(back);
    return visitor.cookies.get('bff-dev') ?? (() => { throw new Error('no session'); })();
  };
  handles.push(await one(true));
  let begun = 1;
  await Promise.all(Array.from({ length: 16 }, async () => { while (begun++ < sessions) handles.push(await one(false)); }));
  return handles;
}

const agent = new Agent({ keepAlive: false, maxSockets: Infinity });
const call = (app, handle) => new Promise((done, fail) => request(`${app}/bff/token`, {
  method: 'POST', agent, headers: { 'x-bff': '1', cookie: `bff-dev=${handle}` },
}, reply => {
  reply.resume();
  reply.on('end', () => done({ status: reply.statusCode, after: Number(reply.headers['retry-after']) }));
}).on('error', fail).end());

/**
 * So many sessions, whose access tokens of so many seconds have all run out, call within one second at a Bff that has just started, each until it has a token or is over.
 * `data` is where the provider keeps its own; `asleep` is called before they wake. How long all took and each, how many were lost, what they were told, and what broke.
 */
export async function herd({ sessions, store = 'sqlite', access, data, asleep = () => {}, say = () => {} }) {
  const app = `http://localhost:${await freePort()}`, directory = await temporary('herd'), running = [];
  const waits = new Map(), broken = new Map(), count = (map, key) => map.set(key, (map.get(key) ?? 0) + 1);
  const wake = async (handle, at) => {
    await pause(at);
    const began = performance.now();
    for (;;) {
      const { status, after } = await call(app, handle).catch(error => ({ status: error.code }));
      if (status === 200) return (performance.now() - began) / 1000;
      if (status === 401) return Infinity;
      count(status === 503 ? waits : broken, status === 503 ? after : status);
      await pause((after || 1) * 1000);
    }
  };
  const started = one => (running.push(one), one);
  try {
    await writeFile(join(directory, 'seed.json'), JSON.stringify(seed(app, access)));
    const server = started(await startServer({ data, args: ['--short-lifetimes', '--seed', join(directory, 'seed.json')] }));
    const postgres = store === 'postgres' ? started(await startPostgres()) : undefined;
    const settings = {
      PublicUrl: app, Authority: `${server.url}/${pool}`, ClientId: 'herd', ClientSecret: secret, Scopes: ['openid'], HandOutAccessTokens: true,
      Key: Buffer.alloc(32, 7).toString('base64'),
      Store: postgres ? { Kind: store, ConnectionString: postgres.connection } : { Kind: store, Path: join(directory, 'bff.db') },
    };
    const before = started(await startBff(settings));
    say(`signing in ${sessions} sessions`);
    const handles = await signIn(app, sessions);
    await before.stop();
    say('waiting until every access token has run out');
    await Promise.all([pause(access * 1000), asleep()]);
    started(await startBff(settings));
    say('calling');
    const began = performance.now();
    const all = await Promise.all(handles.map((handle, index) => wake(handle, index * 1000 / sessions)));
    return { seconds: (performance.now() - began) / 1000, each: all.filter(Number.isFinite), lost: all.filter(one => one === Infinity).length, waits, broken };
  } finally {
    for (const one of running.reverse()) await one.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function main() {
  const { sessions, store, access } = Object.fromEntries(Object.entries(parseArgs({
    options: { sessions: { type: 'string', default: '10000' }, store: { type: 'string', default: 'sqlite' }, access: { type: 'string', default: '60' } },
  }).values).map(([name, value]) => [name, name === 'store' ? value : Number(value)]));
  const { seconds, each, lost, waits, broken } = await herd({ sessions, store, access, say: text => console.error(`${(performance.now() / 1000).toFixed(1)} s  ${text}`) });
  const times = each.sort((a, b) => a - b), at = share => times[Math.ceil(times.length * share) - 1]?.toFixed(1);
  const show = map => [...map].sort().map(([what, times]) => `${what}: ${times}`).join(', ') || 'none';
  console.log(`| store | sessions | all finished in | p50 | p99 | lost | told to wait (Retry-After seconds: times) | connections that broke |\n|---|---|---|---|---|---|---|---|
| ${store} | ${sessions} | ${seconds.toFixed(1)} s | ${at(0.5)} s | ${at(0.99)} s | ${lost} | ${show(waits)} | ${show(broken)} |`);
  process.exitCode = lost > 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main();
