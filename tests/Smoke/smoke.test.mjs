// The published binary, used as it would be: copied somewhere with its two libraries, started, used, stopped.
import assert from 'node:assert/strict';
import { cp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { demo, publicClient } from '../actors/seed.mjs';
import { published, run, startServer, temporary } from '../actors/server.mjs';
import { Visitor } from '../actors/visitor.mjs';

const shipped = ['libe_sqlite3.so', 'libsodium.so', 'poolhouse'];
// No HOME, no PATH, no SDK: what the binary needs is in its own folder.
const env = { HOME: '/nonexistent', PATH: '/nonexistent', DOTNET_ROOT: '/nonexistent' };
const errors = log => log.split('\n').filter(line => /^\s*(fail|crit)\b|"LogLevel":"(Error|Critical)"|Unhandled exception|^\s+at .+\(/.test(line));
let folder, data, binary, tokens;

before(async () => {
  folder = await temporary('program');
  data = await temporary('data');
  binary = join(folder, 'poolhouse');
  for (const file of shipped) await cp(join(published, file), join(folder, file));
});
after(() => Promise.all([folder, data].map(path => rm(path, { recursive: true, force: true }))));

const start = () => startServer({ command: [binary], data, env, cwd: folder });

test('The published folder holds the executable, its two native libraries, and nothing else', async () => {
  const files = (await readdir(published)).filter(file => !file.endsWith('.dbg')).sort();
  assert.deepEqual(files, shipped);
});

for (const verb of ['', 'dev', 'serve', 'migrate', 'access-key', 'access-key create', 'access-key list', 'access-key delete', 'keys', 'keys rotate', 'keys list', 'keys master', 'doctor', 'restored']) {
  test(`poolhouse ${verb} --help says how it is used`.replace('  ', ' '), async () => {
    const help = await run(binary, [...verb.split(' ').filter(Boolean), '--help'], { cwd: folder, env });
    assert.equal(help.code, 0, help.err);
    assert.match(help.out, /Usage:/);
    assert.match(help.out, new RegExp(`poolhouse ${verb}`.trim()));
  });
}

test('poolhouse --version names a version', async () => {
  const version = await run(binary, ['--version'], { cwd: folder, env });
  assert.equal(version.code, 0, version.err);
  assert.match(version.out, /^\d+\.\d+\.\d+\S*\n$/);
});

test('An unknown verb is refused on standard error', async () => {
  const reply = await run(binary, ['no-such-verb'], { cwd: folder, env });
  assert.notEqual(reply.code, 0);
  assert.match(reply.err, /no-such-verb/);
});

test('A first start signs demo in with a code and refreshes, and a second process on its data is refused', async () => {
  const server = await start();
  try {
    const visitor = new Visitor();
    tokens = await visitor.signIn(server, { client: publicClient, user: demo });
    assert.equal(tokens.status, 200, JSON.stringify(tokens));
    assert.deepEqual([tokens.token_type, tokens.expires_in], ['Bearer', 3600]);
    for (const name of ['access_token', 'id_token', 'refresh_token']) assert.ok(tokens[name], name);

    const fresh = await visitor.refresh(server, publicClient, tokens);
    assert.equal(fresh.status, 200, JSON.stringify(fresh));
    assert.notEqual(fresh.access_token, tokens.access_token);
    assert.equal('refresh_token' in fresh, false);

    await assert.rejects(start(), /ended before it was ready/);
  } finally {
    assert.deepEqual(await server.stop(), { code: 0, signal: null }, server.log());
  }
  assert.deepEqual(errors(server.log()), []);
});

test('SIGTERM answers the request in flight, ends with 0 within 10 s, and logs no error', async () => {
  const server = await start();
  const slow = slowRefresh(server);
  await pause(300);
  const stopping = Date.now();
  server.kill('SIGTERM');
  const [reply, how] = await Promise.all([slow, server.exited]);
  const took = Date.now() - stopping;

  assert.match(reply, /^HTTP\/1\.1 200 /);
  assert.match(reply, /"access_token":/);
  assert.deepEqual(how, { code: 0, signal: null }, server.log());
  assert.ok(took >= 1500, `it did not wait for the request: ${took} ms`);
  assert.ok(took < 10_000, `${took} ms`);
  assert.deepEqual(errors(server.log()), []);
});

test('A later start on the same data still knows the session', async () => {
  const server = await start();
  try {
    const fresh = await new Visitor().refresh(server, publicClient, tokens);
    assert.equal(fresh.status, 200, JSON.stringify(fresh));
  } finally {
    assert.equal((await server.stop()).code, 0, server.log());
  }
});

// A refresh whose body takes two seconds to arrive.
async function slowRefresh(server) {
  const body = new URLSearchParams({ grant_type: 'refresh_token', client_id: publicClient.Id, refresh_token: tokens.refresh_token }).toString();
  const socket = connect(server.port, '127.0.0.1');
  let reply = '';
  socket.setEncoding('utf8').on('data', text => reply += text);
  const closed = new Promise((done, fail) => socket.once('close', done).once('error', fail));
  socket.write(`POST /oauth2/token HTTP/1.1\r\nHost: localhost:${server.port}\r\nConnection: close\r\n`
    + `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`);
  const piece = Math.ceil(body.length / 8);
  for (let at = 0; at < body.length; at += piece) {
    socket.write(body.slice(at, at + piece));
    await pause(280);
  }
  await closed;
  return reply;
}
