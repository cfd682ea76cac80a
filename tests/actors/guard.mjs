// The sample guard for Node.js as an API of its own: copied somewhere, with what `npm install` would put beside it.
import { spawn } from 'node:child_process';
import { cp, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, temporary } from './server.mjs';

const sample = fileURLToPath(new URL('../../samples/node-guard', import.meta.url));

/** Starts it; `modules` is a node_modules with jose, `within` the start of a command line that runs it somewhere else. */
export async function startGuard({ modules, env, within = [], host = 'localhost', port }) {
  const folder = await temporary('guard');
  await cp(sample, folder, { recursive: true });
  await symlink(modules, join(folder, 'node_modules'));
  port ??= await freePort();
  const [file, ...args] = [...within, process.execPath, 'server.mjs'];
  const child = spawn(file, args, { cwd: folder, stdio: 'inherit', env: { ...process.env, PORT: String(port), ...env } });
  const exited = new Promise(done => child.once('close', done));
  return {
    url: `http://${host}:${port}/`,
    /** What it answers to a request with this token; 0 if nothing. */
    ask(token) {
      return fetch(this.url, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(5000) }).then(reply => reply.status, () => 0);
    },
    async stop() {
      child.kill('SIGKILL');
      await exited;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
