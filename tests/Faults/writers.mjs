// Somebody at every PostgreSQL server who writes whenever that server lets them: which servers confirm, and is it kept?
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Starts them; `setting` is one of the connection, as `-c name=value`. */
export async function startWriters(cluster, setting = '') {
  await cluster.sql('create table written (server text not null, number bigint not null)');
  const confirmed = [];
  const writers = cluster.members.map(member => {
    const target = `host=127.0.0.1 port=${member.port} user=poolhouse password=${cluster.password} dbname=poolhouse connect_timeout=2 options='${setting}'`;
    const child = spawn('/usr/bin/python3', [fileURLToPath(new URL('writer.py', import.meta.url)), member.name, target], { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: child.stdout }).on('line', line => confirmed.push(JSON.parse(line)));
    return { child, closed: new Promise(done => child.once('close', done)) };
  });
  return {
    confirmed,
    async stop() {
      for (const { child } of writers) child.kill('SIGKILL');
      await Promise.all(writers.map(({ closed }) => closed));
    },
    /** What must not be: a row that was confirmed and is not there, and one that an old primary took after a new one had confirmed. */
    async wrong() {
      const kept = new Set((await cluster.sql('select server, number from written')).split('\n'));
      const lost = confirmed.filter(({ server, number }) => !kept.has(`${server}|${number}`));
      const first = new Map();
      for (const { timeline, confirmed: at } of confirmed) first.set(timeline, Math.min(at, first.get(timeline) ?? Infinity));
      const zombie = confirmed.filter(({ timeline, sent }) => [...first].some(([newer, at]) => newer > timeline && at < sent));
      return [
        ...lost.slice(0, 3).map(row => `confirmed and lost, one of ${lost.length}: ${JSON.stringify(row)}`),
        ...zombie.slice(0, 3).map(row => `confirmed by an old primary, one of ${zombie.length}: ${JSON.stringify(row)}`),
      ];
    },
  };
}
