// A Redis of its own for one run, which keeps what it has acknowledged unless it is told not to.
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, run, temporary } from './server.mjs';

export async function startRedis({ durable = true } = {}) {
  const [port, directory] = [await freePort(), await temporary('redis')];
  let child;
  const cli = async (...args) => {
    const { code, out, err } = await run('redis-cli', ['-p', String(port), '--raw', ...args]);
    if (code !== 0 || /^(ERR|WRONGTYPE|Could not)/.test(out + err)) throw new Error(out + err);
    return out.trim();
  };
  const redis = {
    connection: `127.0.0.1:${port}`, cli,
    async start() {
      child = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', durable ? 'yes' : 'no', '--dir', directory], { stdio: 'ignore' });
      child.once('error', problem => { child.problem = problem; });
      for (const deadline = Date.now() + 20_000; await cli('ping').catch(() => '') !== 'PONG'; await pause(20))
        if (child.problem || Date.now() > deadline) throw child.problem ?? new Error('Redis does not start');
    },
    async kill() {
      child.kill('SIGKILL');
      await new Promise(done => child.exitCode !== null || child.signalCode !== null ? done() : child.once('exit', done));
    },
    signal: name => child.kill(name),
    async stop() {
      await redis.kill();
      await rm(directory, { recursive: true, force: true });
    },
  };
  await redis.start();
  return redis;
}
