// `poolhouse doctor` as operators run it: beside a healthy server, and beside everything that can be wrong with one.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { certificate, startMail } from '../actors/mail.mjs';
import { startPostgres } from '../actors/postgres.mjs';
import { createKey, freePort, program, run, startServer, temporary } from '../actors/server.mjs';
import { sdk } from './actors.mjs';

const secret = 'doctor-canary-7';
// The number of the newest migration.
const schema = Math.max(...readdirSync(new URL('../../src/Storage/Migrations/', import.meta.url)).map(name => parseInt(name, 10)));
let cert, mail, data, server, postgres, pool;
const stops = [];

before(async () => {
  [cert, data, postgres] = [await certificate(), await temporary('doctor'), await startPostgres()];
  mail = await startMail({ starttls: cert, user: ['poolhouse', secret] });
  await writeFile(join(data, '..', `${data.split('/').at(-1)}.key`), randomBytes(32).toString('base64'), { mode: 0o600 });
  server = await startServer({ verb: 'serve', data, env: { POOLHOUSE_Keys__Master: `${data}.key` } });
  const api = sdk(server.url, { credentials: await createKey(server) });
  pool = (await api.createUserPool({ PoolName: 'people' })).UserPool.Id;
  await fetch(`${server.url}/${pool}/.well-known/jwks.json`);
});
after(() => Promise.all([server, mail, postgres, ...stops].map(one => one?.stop())));

/** Runs the doctor with the settings of the healthy server and what is changed of them; its lines by what they are about. */
async function doctor(env = {}, ...args) {
  const [file, ...first] = program();
  const settings = { ...server.env, SSL_CERT_FILE: cert.cert, POOLHOUSE_Storage__BallastMegabytes: '1', ...env };
  for (const [name, value] of Object.entries(settings)) if (value === undefined) delete settings[name];
  const { code, out, err } = await run(file, [...first, 'doctor', ...args], { env: { ...process.env, ...settings } });
  assert.equal(err, '');
  assert.ok(!out.includes(secret), out);
  const lines = out.trim().split('\n').map(line => line.match(/^(ok|warn|FAIL) +([a-z ]+?) {2,}(.*)$/)?.slice(1) ?? assert.fail(line));
  assert.equal(code, lines.some(([grade]) => grade === 'FAIL') ? 1 : 0, out);
  return { out, code, line: about => lines.filter(one => one[1] === about).map(([grade, , says]) => `${grade} ${says}`).join('\n') };
}

/** Something between the clients and the server. */
async function proxy(answer, tls) {
  const listener = (tls ? createTlsServer({ cert: readFileSync(cert.cert), key: readFileSync(cert.key) }, answer) : createServer(answer)).listen(0, '127.0.0.1');
  await new Promise(done => listener.once('listening', done));
  stops.push({ stop: () => { listener.closeAllConnections(); listener.close(); } });
  return `${tls ? 'https' : 'http'}://localhost:${listener.address().port}`;
}

const pass = (host, change = body => body) => (asked, reply) => request({ port: server.port, host: '127.0.0.1', path: asked.url, headers: { host } }, answer => {
  let body = '';
  answer.on('data', part => body += part);
  answer.on('end', () => reply.writeHead(answer.statusCode, { 'content-type': 'application/json' }).end(change(body)));
}).end();

test('A healthy server: every line is ok but that it is for this machine only, and nothing changes', async () => {
  const { out, line } = await doctor();
  assert.deepEqual([line('database'), line('master key'), line('key set')], [`ok SQLite, schema version ${schema}`, 'ok fits the database', 'ok 2 keys, those of the database']);
  assert.equal(line('issuer'), `ok ${server.url}/${pool}`);
  for (const about of ['listen', 'data', 'disk', 'key file', 'clock', 'mail', 'sms', 'triggers']) assert.match(line(about), /^ok /, out);
  assert.match(line('address'), /^warn .*this machine only/);
  await server.stop();
  const before = (await stat(join(data, 'poolhouse.db'))).mtimeMs;
  assert.match((await doctor()).line('issuer'), /^FAIL .*nobody listens there/);
  assert.equal((await stat(join(data, 'poolhouse.db'))).mtimeMs, before);
  server = await startServer({ verb: 'serve', data, port: server.port, env: { POOLHOUSE_Keys__Master: `${data}.key` } });
});

test('Settings that cannot be read, and an address that is none or has no TLS', async () => {
  assert.match((await doctor({ POOLHOUSE_Server__PublicURLs: 'x' })).line('settings'), /^FAIL .*PublicURLs/);
  assert.match((await doctor({}, '--config', join(data, 'none.json'))).line('settings'), /^FAIL /);
  assert.match((await doctor({ POOLHOUSE_Server__PublicUrl: undefined })).line('address'), /^FAIL Server:PublicUrl must be/);
  assert.match((await doctor({ POOLHOUSE_Server__PublicUrl: 'http://id.example.test' })).line('address'), /^FAIL .*no TLS/);
  assert.match((await doctor({ POOLHOUSE_Server__PublicUrl: 'https://id.example.test' })).line('proxies'), /^warn /);
  assert.match((await doctor({ POOLHOUSE_Server__Proxies: '10.0.0.0/8,proxy' })).line('proxies'), /^FAIL .*holds proxy/);
  assert.match((await doctor({ POOLHOUSE_Server__Listen: 'https://127.0.0.1:1' })).line('listen'), /^FAIL .*Server:Certificate/);
  const tls = { POOLHOUSE_Server__Listen: 'https://127.0.0.1:1', POOLHOUSE_Server__Certificate: cert.cert, POOLHOUSE_Server__CertificateKey: cert.key };
  assert.match((await doctor(tls)).line('listen'), /^warn .*ends on/);
});

test('A data directory with the wrong rights, a full disk, a key beside the data, a dev database', async () => {
  await chmod(join(data, 'poolhouse.db'), 0o644);
  assert.match((await doctor()).line('data'), /^FAIL .*chmod/);
  await chmod(join(data, 'poolhouse.db'), 0o600);
  await chmod(`${data}.key`, 0o644);
  assert.match((await doctor()).line('key file'), /^FAIL .*chmod 600/);
  await chmod(`${data}.key`, 0o600);
  assert.match((await doctor({ POOLHOUSE_Storage__BallastMegabytes: '1000000000' })).line('disk'), /^FAIL .*no room/);

  const other = await temporary('doctor-dev');
  const dev = await startServer({ data: other });
  await dev.stop();
  const made = await doctor({ POOLHOUSE_Storage__DataDirectory: other, POOLHOUSE_Keys__Master: undefined });
  assert.match(made.line('key file'), /^warn .*beside the database/);
  assert.match(made.line('database'), /^FAIL .*poolhouse dev/);
  await truncate(join(other, 'poolhouse.ballast'), 0);
  assert.match((await doctor({ POOLHOUSE_Storage__DataDirectory: other })).line('disk'), /^FAIL .*was full/);
  const none = join(other, 'none');
  assert.match((await doctor({ POOLHOUSE_Storage__DataDirectory: none })).line('data'), /^warn .*does not exist/);
  await assert.rejects(stat(none));
});

test('Another master key, and one that is none', async () => {
  assert.match((await doctor({ POOLHOUSE_Keys__Master: randomBytes(32).toString('base64') })).line('master key'), /^FAIL .*not the key/);
  assert.match((await doctor({ POOLHOUSE_Keys__Master: secret })).line('master key'), /^FAIL .*neither a file nor 32 bytes/);
});

test('What stands at the public address: another name, another issuer, other keys, a detour, a wall, nobody', async () => {
  const at = async (url, env) => (await doctor({ POOLHOUSE_Server__PublicUrl: url, ...env })).line('issuer');
  assert.match(await at(await proxy(pass('inside.example'))), /^FAIL .*Host header/);
  const good = await proxy(pass(`localhost:${server.port}`));
  assert.match(await at(good), /^FAIL .*names the issuer/);
  assert.match(await at(await proxy((_, reply) => reply.writeHead(301, { location: 'https://other.example/?token=1' }).end())), /^FAIL .*leads to https:\/\/other\.example\/\./);
  assert.match(await at(await proxy((_, reply) => reply.writeHead(502).end())), /^FAIL .*reaches no server/);
  assert.match(await at(await proxy((_, reply) => reply.end('<html>'))), /^FAIL .*no JSON/);
  assert.match(await at(`http://localhost:${await freePort()}`), /^FAIL .*nobody listens/);
  assert.match(await at('https://nobody.invalid'), /^FAIL .*does not resolve/);
  const safe = await proxy(pass(`localhost:${server.port}`), true);
  assert.match(await at(safe, { SSL_CERT_FILE: '/nonexistent' }), /^FAIL .*no TLS that clients accept/);
  const dev = await startServer();
  stops.push(dev);
  assert.match(await at(dev.url), /^FAIL .*development server/);

  const rewritten = await proxy(pass(`localhost:${server.port}`, body => body.replaceAll(`:${server.port}`, `:${asked.port}`).replaceAll(/"kid":"./g, '"kid":"!')));
  const asked = new URL(rewritten);
  assert.match((await doctor({ POOLHOUSE_Server__PublicUrl: rewritten })).line('key set'), /^FAIL .*other keys/);
});

test('A mail server: with TLS and sign-in, a wrong password, an unknown certificate, none; nothing is sent', async () => {
  const env = { POOLHOUSE_Mail__Host: 'localhost', POOLHOUSE_Mail__Port: String(mail.port), POOLHOUSE_Mail__From: 'a@example.com', POOLHOUSE_Mail__Username: 'poolhouse', POOLHOUSE_Mail__Password: secret };
  assert.match((await doctor(env)).line('mail'), /^ok .*nothing was sent/);
  assert.match((await doctor({ ...env, POOLHOUSE_Mail__Password: `${secret}-wrong` })).line('mail'), /^FAIL .*refuses Mail:Username/);
  assert.match((await doctor({ ...env, SSL_CERT_FILE: '/nonexistent' })).line('mail'), /^FAIL .*no TLS with the mail server/);
  assert.match((await doctor({ ...env, POOLHOUSE_Mail__Port: String(await freePort()) })).line('mail'), /^FAIL .*no connection/);
  assert.match((await doctor({ ...env, POOLHOUSE_Mail__From: undefined })).line('mail'), /^FAIL .*Mail:From/);
  assert.equal(mail.messages.length, 0);
});

test('Webhooks and functions that may not be called, and those that may', async () => {
  assert.match((await doctor({ POOLHOUSE_Sms__Url: `https://localhost/${secret}` })).line('sms'), /^FAIL https:\/\/localhost is .*may not be called/);
  assert.match((await doctor({ POOLHOUSE_Sms__Url: `http://10.1.2.3/?key=${secret}` })).line('sms'), /^FAIL .*Outbound:AllowPrivate/);
  assert.match((await doctor({ POOLHOUSE_Sms__Url: 'https://nobody.invalid/' })).line('sms'), /^FAIL .*does not resolve/);
  assert.match((await doctor({ POOLHOUSE_Sms__Url: `http://localhost/${secret}`, POOLHOUSE_Outbound__AllowPrivate: '127.0.0.0/8,::1/128' })).line('sms'), /^ok http:\/\/localhost may/);
  assert.match((await doctor({ POOLHOUSE_Outbound__AllowPrivate: 'home' })).line('outbound'), /^FAIL .*must list networks/);
  assert.match((await doctor({ POOLHOUSE_Triggers__Functions: `one=https://u:${secret}@example.com/` })).line('triggers'), /^FAIL .*cannot be called/);
  assert.match((await doctor({ POOLHOUSE_Triggers__Functions: `one=http://10.1.2.3/?code=${secret}` })).line('triggers'), /^FAIL .*cannot be called/);
  assert.match((await doctor({ POOLHOUSE_Triggers__Functions: `one=https://localhost/?code=${secret}` })).line('triggers'), /^FAIL https:\/\/localhost is/);
});

test('PostgreSQL: not migrated, healthy, out of reach, not durable', async () => {
  const env = { POOLHOUSE_Storage__ConnectionString: postgres.connection, POOLHOUSE_Keys__Master: randomBytes(32).toString('base64') };
  assert.match((await doctor(env)).line('database'), /^FAIL .*poolhouse migrate/);
  const node = await startServer({ verb: 'serve', env });
  stops.push(node);
  const good = await doctor({ ...env, ...node.env });
  assert.match(good.line('database'), new RegExp(`^ok PostgreSQL, schema version ${schema}, UTF8, synchronous_commit on`));
  assert.match(good.line('clock'), /^ok /);
  assert.equal(good.line('disk'), '');
  assert.match((await doctor({ ...env, POOLHOUSE_Keys__Master: undefined })).line('master key'), /^FAIL .*must be configured/);
  assert.match((await doctor({ ...env, POOLHOUSE_Storage__ConnectionString: `Host=127.0.0.1;Port=${await freePort()};Username=poolhouse;Password=${secret}` })).line('database'), /^FAIL .*cannot be opened/);
  await postgres.sql('alter role poolhouse set synchronous_commit = off');
  assert.match((await doctor(env)).line('database'), /^FAIL .*synchronous_commit/);
  await postgres.sql('alter role poolhouse reset synchronous_commit');
});
