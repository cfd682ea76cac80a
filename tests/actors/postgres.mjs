// A PostgreSQL of its own for one run, without a port, and without fsync unless it is to be durable.
import { appendFile, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { run, temporary } from './server.mjs';

export async function binaries() {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  if (versions.length === 0) throw new Error('PostgreSQL is not installed: apt-get install -y postgresql');
  return join(root, versions.sort((a, b) => b - a)[0], 'bin');
}

/**
 * Starts a cluster in a temporary directory; its connection string, and how to end it. With `listen` it is asked at that address, by
 * everybody who reaches it; `within` is the start of a command line that runs it somewhere else.
 */
export async function startPostgres({ durable = false, listen = '', within = [] } = {}) {
  const [bin, directory] = [await binaries(), await temporary('pg')];
  const privileged = process.getuid() === 0;
  const owner = async (program, ...args) => {
    // initdb refuses root. The shell keeps the server from holding our pipes open.
    const line = [...within, ...(privileged ? ['runuser', '-u', 'postgres', '--'] : []), join(bin, program), ...args];
    const { code } = await run('/bin/sh', ['-c', 'exec "$0" "$@" >/dev/null 2>&1', ...line], { cwd: '/' });
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  };
  if (privileged) await run('chown', ['postgres', directory]);
  const data = ['-D', join(directory, 'data')];
  await owner('initdb', ...data, '-U', 'poolhouse', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync');
  if (listen) await appendFile(join(directory, 'data/pg_hba.conf'), 'host all all all trust\n');
  const start = () => owner('pg_ctl', ...data, '-w', '-l', join(directory, 'log'),
    '-o', `-c fsync=${durable ? 'on' : 'off'} -c recovery_init_sync_method=syncfs -c listen_addresses='${listen}' -c unix_socket_directories=${directory}`, 'start');
  await start();
  return {
    connection: `Host=${listen || directory};Username=poolhouse;Database=postgres`,
    /** What a query yields, as text. */
    async sql(query) {
      const { code, out, err } = await run(join(bin, 'psql'), ['-h', directory, '-U', 'poolhouse', '-d', 'postgres', '-Atc', query]);
      if (code !== 0) throw new Error(err);
      return out.trim();
    },
    /** Kills the postmaster; its backends go when they notice. */
    async kill() {
      const [pid] = (await readFile(join(directory, 'data/postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), 'SIGKILL');
    },
    /** Stops it without a checkpoint: the next start recovers. */
    halt: () => owner('pg_ctl', ...data, '-m', 'immediate', 'stop'),
    /** Starts it after that, as soon as the last backend has let go of the shared memory. */
    async start() {
      for (const deadline = Date.now() + 30_000; ; await pause(50)) {
        try {
          return await start();
        } catch (problem) {
          if (Date.now() > deadline) throw problem;
        }
      }
    },
    async stop() {
      await owner('pg_ctl', ...data, '-m', 'immediate', 'stop');
      await rm(directory, { recursive: true, force: true });
    },
  };
}
