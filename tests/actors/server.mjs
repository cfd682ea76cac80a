// The server as a process of its own: the published binary where there is one, the built dll otherwise.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
export const published = join(root, 'artifacts/aot');

export const built = ['dotnet', join(root, 'artifacts/bin/Server/release/poolhouse.dll')];
export const program = () => existsSync(join(published, 'poolhouse')) ? [join(published, 'poolhouse')] : built;

export async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise(done => probe.once('listening', done));
  const { port } = probe.address();
  await new Promise(done => probe.close(done));
  return port;
}

export const temporary = name => mkdtemp(join(tmpdir(), `poolhouse-${name}-`));

/** Runs a command line to its end. */
export async function run(command, args, options = {}) {
  const process_ = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let out = '', err = '';
  process_.stdout.on('data', text => out += text);
  process_.stderr.on('data', text => err += text);
  const [code, signal] = await new Promise((done, fail) => {
    process_.once('error', fail);
    process_.once('close', (...end) => done(end));
  });
  return { code, signal, out, err };
}

/** The settings of `poolhouse serve` on the loopback interface or another; for `access-key` beside it as well. */
const served = (port, data, host) => ({
  POOLHOUSE_Server__PublicUrl: `http://${host}:${port}`, POOLHOUSE_Server__Listen: `http://${host === 'localhost' ? '127.0.0.1' : host}:${port}`, POOLHOUSE_Storage__DataDirectory: data,
});

/** Runs a command such as `poolhouse access-key` beside a running server, and gives what it prints. */
export async function beside(server, ...args) {
  const [file, ...first] = program();
  const { code, out, err } = await run(file, [...first, ...args], { env: { ...process.env, ...server.env } });
  if (code !== 0) throw new Error(`${args[0]} ended with ${code}: ${err}`);
  return out;
}

export const accessKey = (server, ...args) => beside(server, 'access-key', ...args);

export async function createKey(server, ...args) {
  const [, accessKeyId, secretAccessKey] = (await accessKey(server, 'create', ...args)).match(/^aws_access_key_id = (\S+)\naws_secret_access_key = (\S+)\n$/);
  return { accessKeyId, secretAccessKey };
}

/** Starts `poolhouse dev` on a free port and a data directory of its own, and waits until it is ready; or `serve`, set by its environment. */
export async function startServer({ verb = 'dev', command = program(), args = [], data, port, env, cwd, host = 'localhost' } = {}) {
  port ??= await freePort();
  const owned = data === undefined ? await temporary('data') : undefined;
  const settings = verb === 'serve' ? served(port, data ?? owned, host) : {};
  const [file, ...first] = command;
  const child = spawn(file, [...first, verb, ...(verb === 'dev' ? ['--port', String(port), '--data', data ?? owned] : []), ...args],
    { cwd, env: { ...process.env, ...settings, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '', end;
  child.stdout.on('data', text => log += text);
  child.stderr.on('data', text => log += text);
  const exited = new Promise((done, fail) => {
    child.once('error', fail);
    child.once('close', (code, signal) => done(end = { code, signal }));
  });
  exited.catch(problem => end = { problem });

  const server = {
    url: `http://${host}:${port}`, port, pid: child.pid, env: { ...settings, ...env }, exited, log: () => log,
    kill: signal => child.kill(signal),
    async stop() {
      if (!end) child.kill('SIGTERM');
      const how = await Promise.race([exited, pause(15_000, null, { ref: false })]);
      if (!how) child.kill('SIGKILL');
      if (owned) await rm(owned, { recursive: true, force: true });
      return how;
    },
  };
  for (const deadline = Date.now() + 30_000; ; await pause(20)) {
    if (end) {
      await server.stop().catch(() => {});
      throw new Error(`the server ended before it was ready: ${JSON.stringify(end)}\n${log}`);
    }
    if (await fetch(`${server.url}/readyz`).then(reply => reply.ok, () => false)) return server;
    if (Date.now() > deadline) { await server.stop(); throw new Error(`the server did not become ready\n${log}`); }
  }
}
