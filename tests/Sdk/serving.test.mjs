// `poolhouse serve`: the signatures of the real SDK are verified, on SQLite and on PostgreSQL.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startPostgres } from '../actors/postgres.mjs';
import { accessKey, beside, createKey, freePort, startServer, temporary } from '../actors/server.mjs';
import { aws, claims, password, Pool, sdk } from './actors.mjs';
import { tokenLife } from './scenarios/token-life.mjs';

let server, keys, postgres;
const nodes = [];

before(async () => {
  server = await startServer({ verb: 'serve', env: { POOLHOUSE_Server__Regions: 'us-east-1,eu-west-3' } });
  keys = await createKey(server);
});
after(() => Promise.all([server, ...nodes].map(one => one?.stop())));
after(() => postgres?.stop());

const command = (...args) => beside(server, ...args);
const caller = options => sdk(server.url, { credentials: keys, ...options });
const denied = (call, name, message = /./) => assert.rejects(call, error => {
  assert.ok(error instanceof aws.CognitoIdentityProviderServiceException, error.stack);
  assert.equal(error.name, name, error.message);
  assert.match(error.message, message);
  assert.equal(error.$fault, 'client');
  return true;
});

/** Changes a request after it was signed, on its way out. */
function altered(client, change) {
  client.middlewareStack.add(next => args => {
    change(args.request);
    return next(args);
  }, { step: 'deserialize', priority: 'low', name: 'man-in-the-middle' });
  return client;
}

test('A whole session works with signatures that are verified', t => tokenLife(t, caller()));

test('A wrong secret, an unknown key and no signature are told apart from a good one', async () => {
  await denied(caller({ credentials: { ...keys, secretAccessKey: `${keys.secretAccessKey}x` } }).listUserPools({ MaxResults: 1 }), 'InvalidSignatureException');
  await denied(caller({ credentials: { ...keys, accessKeyId: 'AKIAIOSFODNN7EXAMPLE' } }).listUserPools({ MaxResults: 1 }), 'UnrecognizedClientException');
  await denied(caller({ credentials: { ...keys, sessionToken: 'nobody-issued-this' } }).listUserPools({ MaxResults: 1 }), 'UnrecognizedClientException');
  await denied(altered(caller(), request => delete request.headers.authorization).listUserPools({ MaxResults: 1 }), 'MissingAuthenticationTokenException');
  assert.ok((await caller().listUserPools({ MaxResults: 1 })).UserPools);
});

test('What is changed after signing is refused: the body, the operation, the day', async () => {
  const swapped = altered(caller(), request => request.body = request.body.replace('10', '60'));
  await denied(swapped.listUserPools({ MaxResults: 10 }), 'InvalidSignatureException');
  const redirected = altered(caller(), request => request.headers['x-amz-target'] = request.headers['x-amz-target'].replace('DescribeUserPool', 'DeleteUserPool'));
  await denied(redirected.describeUserPool({ UserPoolId: 'us-east-1_Poolhouse' }), 'InvalidSignatureException');
  const added = altered(caller(), request => request.headers['x-amz-meta'] = 'not signed');
  await denied(added.listUserPools({ MaxResults: 1 }), 'InvalidSignatureException', /must be a signed header/);
  const late = caller();
  late.config.systemClockOffset = -10 * 60_000;
  await denied(late.listUserPools({ MaxResults: 1 }), 'InvalidSignatureException', /^Signature expired/);
});

test('What is meant for another program in the same directory and environment changes nothing', async t => {
  const [theirs, alsoTheirs, directory] = [await freePort(), await freePort(), await temporary('theirs')];
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'appsettings.json'), JSON.stringify({ Kestrel: { Endpoints: { Theirs: { Url: `http://127.0.0.1:${theirs}` } } } }));
  const ours = await startServer({ cwd: directory, env: { ASPNETCORE_URLS: `http://127.0.0.1:${alsoTheirs}`, ASPNETCORE_ENVIRONMENT: 'Development' } });
  t.after(() => ours.stop());
  assert.equal((await fetch(`${ours.url}/readyz`)).status, 200);
  for (const port of [theirs, alsoTheirs]) await assert.rejects(fetch(`http://127.0.0.1:${port}/readyz`), /fetch failed/);
  if (process.platform !== 'linux') return;
  // A file is not watched either: the watch would go through every directory below.
  const open = await Promise.all((await readdir(`/proc/${ours.pid}/fd`)).map(fd => readlink(`/proc/${ours.pid}/fd/${fd}`).catch(() => '')));
  assert.ok(open.some(target => target.startsWith('socket:')));
  assert.deepEqual(open.filter(target => target.includes('inotify')), []);
});

test('Only the regions of the settings may be named, and each lists its own pools', async t => {
  await denied(caller({ region: 'ap-south-1' }).listUserPools({ MaxResults: 1 }), 'InvalidSignatureException', /valid region/);
  const paris = caller({ region: 'eu-west-3' });
  const pool = await Pool.create(t, paris);
  assert.deepEqual((await paris.listUserPools({ MaxResults: 60 })).UserPools.map(one => one.Id), [pool.UserPoolId]);
  assert.equal((await caller().listUserPools({ MaxResults: 60 })).UserPools.some(one => one.Id === pool.UserPoolId), false);
});

test('A key with a policy does what it names, in the pools that it names', async t => {
  const [pool, other] = [await Pool.create(t, caller()), await Pool.create(t, caller())];
  const narrow = caller({ credentials: await createKey(server, '--action', 'AdminCreateUser', '--action', 'AdminGetUser', '--pool', pool.UserPoolId) });
  const ana = { ...pool.in, Username: 'ana' };
  await narrow.adminCreateUser({ ...ana, MessageAction: 'SUPPRESS' });
  assert.equal((await narrow.adminGetUser(ana)).Username, 'ana');
  await denied(narrow.adminDeleteUser(ana), 'AccessDeniedException');
  await denied(narrow.adminGetUser({ ...ana, ...other.in }), 'AccessDeniedException');
  await denied(narrow.createUserPool({ PoolName: 'mine' }), 'AccessDeniedException');
});

test('Operations of apps need no signature, and there is nothing of the development server', async t => {
  const pool = await Pool.create(t, caller());
  const client = await pool.client();
  await pool.user('ana');
  const unsigned = altered(caller(), request => assert.equal(request.headers.authorization, undefined));
  const tokens = await Object.assign(new Pool(), { api: unsigned }).signIn(client, 'ana');
  assert.equal((await unsigned.getUser({ AccessToken: tokens.AccessToken })).Username, 'ana');
  const inbox = await fetch(`${server.url}/dev/inbox`);
  assert.deepEqual([inbox.status, inbox.headers.get('x-poolhouse-dev')], [404, null]);
});

test('A deleted key is soon refused by the running server, and the list shows no secret', async () => {
  const lost = await createKey(server);
  const finder = caller({ credentials: lost });
  assert.ok(await finder.listUserPools({ MaxResults: 1 }));
  const list = await accessKey(server, 'list');
  assert.ok(list.includes(lost.accessKeyId) && !list.includes(lost.secretAccessKey));
  await accessKey(server, 'delete', lost.accessKeyId);
  // A node reads changes at least once a second; the deadline is for busy machines.
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await pause(100))
    if (!await finder.listUserPools({ MaxResults: 1 }).catch(() => false)) break;
  await denied(finder.listUserPools({ MaxResults: 1 }), 'UnrecognizedClientException');
});

test('Why somebody was signed out can be asked beside the running server, and the trail is exported as JSON', async t => {
  const pool = await Pool.create(t, caller());
  const client = await pool.client();
  await pool.user('ana');
  const tokens = await pool.signIn(client, 'ana');
  const { origin_jti: session, sub } = claims(tokens.AccessToken);
  assert.match(await command('why', session), /It has not ended/);
  const { $metadata } = await caller().revokeToken({ ClientId: client.ClientId, Token: tokens.RefreshToken });
  for (const story of [await command('why', session), await command('why', '--pool', pool.UserPoolId, 'ana'), await command('why', '--pool', pool.UserPoolId, sub)]) {
    assert.match(story, new RegExp(`Session ${session} {2}\\(pool ${pool.UserPoolId}, client ${client.ClientId}, user ${sub}\\)`));
    assert.match(story, new RegExp(`ENDED {10}\\S+ \\S+Z {2}request ${$metadata.requestId} {2}from (127\\.0\\.0\\.1|::1)\n {2}because {8}Revoked: `));
  }
  const trail = (await command('audit', '--pool', pool.UserPoolId, '--since', '1h')).trim().split('\n').map(line => JSON.parse(line));
  assert.deepEqual(trail.filter(one => one.actor === keys.accessKeyId).map(one => one.subject.split(' ')[0]), ['CreateUserPool', 'CreateUserPoolClient', 'AdminCreateUser', 'AdminSetUserPassword']);
  assert.deepEqual(trail.filter(one => one.session === session).map(one => [one.kind, one.outcome]), [['SessionStarted', 'ok'], ['SessionEnded', 'Revoked']]);
  for (const secret of [tokens.AccessToken, tokens.RefreshToken, password]) assert.ok(!JSON.stringify(trail).includes(secret));
  await assert.rejects(command('why', 'nobody'), /knows no such session/);
});

test('On PostgreSQL, where the master key has to be given, two nodes are one server', async t => {
  postgres = await startPostgres();
  const env = { POOLHOUSE_Storage__ConnectionString: postgres.connection };
  await assert.rejects(startServer({ verb: 'serve', env }), /ended before it was ready[^]*Keys:Master/);
  env.POOLHOUSE_Keys__Master = randomBytes(32).toString('base64');
  nodes.push(await startServer({ verb: 'serve', env }));
  env.POOLHOUSE_Server__PublicUrl = nodes[0].url;
  nodes.push(await startServer({ verb: 'serve', env }));
  const credentials = await createKey(nodes[0]);
  const [one, other] = nodes.map(node => sdk(node.url, { credentials }));

  await t.test('A whole session works', t => tokenLife(t, one));
  await t.test('A refresh at both at once has one successor, and a revocation at one is obeyed by the other', async t => {
    const [here, pool] = [await Pool.create(t, one), Object.assign(new Pool(), { api: other })];
    const client = await here.client({ RefreshTokenRotation: { Feature: 'ENABLED' }, ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'] });
    await here.user('ana');
    const tokens = await pool.signIn(client, 'ana');
    const tabs = await Promise.all(Array.from({ length: 16 }, (_, i) => (i % 2 ? here : pool).refresh(client, tokens)));
    assert.equal(new Set(tabs.map(tab => tab.RefreshToken)).size, 1);
    await one.revokeToken({ ClientId: client.ClientId, Token: tabs[0].RefreshToken });
    for (const { AccessToken } of [tokens, ...tabs]) await denied(other.getUser({ AccessToken }), 'NotAuthorizedException', /revoked/);
    await denied(pool.refresh(client, tabs[0]), 'NotAuthorizedException', /revoked/);
  });
});
