// Where a trial runs that is the same on both databases: one node on SQLite, or two over one PostgreSQL.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { startPostgres } from '../actors/postgres.mjs';
import { startServer, temporary } from '../actors/server.mjs';

/** Starts them; `kill` ends a node as a crash does and starts it again. `verb` is serve or dev; `cluster` starts the PostgreSQL, `command` and `settings` are the nodes'. */
export async function startNodes(store, { verb = 'serve', durable = false, cluster = startPostgres, command, settings } = {}) {
  const postgres = store === 'PostgreSQL' ? await cluster({ durable }) : undefined;
  const data = await temporary('nodes');
  const env = { ...settings, ...(postgres && { POOLHOUSE_Storage__ConnectionString: postgres.connection, POOLHOUSE_Keys__Master: randomBytes(32).toString('base64') }) };
  const list = [];
  // In dev a data directory is one node's own, even where the data is elsewhere.
  const start = port => startServer({ verb, port, env, command, ...(!postgres && { data }) });
  const nodes = {
    list, postgres,
    get urls() { return list.map(node => node.url); },
    /** `meanwhile` is what happens before the node is started again. */
    async kill(which, meanwhile = () => {}) {
      list[which].kill('SIGKILL');
      await list[which].exited;
      const { port } = list[which];
      await list[which].stop();
      await meanwhile();
      list[which] = await start(port);
    },
    async stop() {
      await Promise.all(list.map(node => node.stop()));
      await postgres?.stop();
      await rm(data, { recursive: true, force: true });
    },
  };
  try {
    list.push(await start());
    if (postgres) {
      env.POOLHOUSE_Server__PublicUrl = list[0].url;
      list.push(await start());
    }
    return nodes;
  } catch (problem) {
    await nodes.stop();
    throw problem;
  }
}

export const stores = ['SQLite', 'PostgreSQL'];
