// Three PostgreSQL servers under Patroni with one etcd, on loopback ports, set as deploy/patroni says.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { binaries } from './postgres.mjs';
import { freePort, run, temporary } from './server.mjs';

const deploy = name => fileURLToPath(new URL(`../../deploy/patroni/${name}`, import.meta.url));
const password = 'only-on-loopback';
const names = ['one', 'two', 'three'];

export const hasPatroni = () => ['/usr/bin/patroni', '/usr/bin/etcd'].every(existsSync);

/** Starts a program as the user `postgres` where we are root: initdb refuses root. */
async function start(program, args, env, log) {
  const file = await open(log, 'a');
  const [command, ...rest] = [...(process.getuid() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups', '--'] : []), program, ...args];
  const child = spawn(command, rest, { cwd: '/', env: { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: '/tmp', ...env }, stdio: ['ignore', file.fd, file.fd] });
  const exited = new Promise(done => { child.once('exit', done); child.once('error', done); });
  await file.close();
  return { pid: child.pid, exited };
}

/** The ids of a process and of all that it has started. */
async function family(pid) {
  const parents = new Map();
  for (const name of (await readdir('/proc')).filter(name => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => undefined);
    if (stat) parents.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
  }
  const members = [pid];
  for (const member of members) for (const [child, parent] of parents) if (parent === member) members.push(child);
  return members.filter(member => parents.has(member));
}

const send = (pids, signal) => pids.forEach(pid => { try { process.kill(pid, signal); } catch { /* it has ended */ } });

/** One of the servers, with the Patroni that looks after it. */
class Member {
  constructor(name, directory, ports, settings) {
    Object.assign(this, { name, directory, ...ports });
    this.data = join(directory, name);
    this.address = `127.0.0.1:${this.port}`;
    this.settings = {
      ...settings, PATRONI_NAME: name, PATRONI_POSTGRESQL_DATA_DIR: this.data, PATRONI_POSTGRESQL_PGPASS: join(directory, `${name}.pgpass`),
      PATRONI_RESTAPI_LISTEN: `127.0.0.1:${this.api}`, PATRONI_RESTAPI_CONNECT_ADDRESS: `127.0.0.1:${this.api}`,
      PATRONI_POSTGRESQL_LISTEN: this.address, PATRONI_POSTGRESQL_CONNECT_ADDRESS: this.address,
    };
  }

  async start() { this.patroni = await start('/usr/bin/patroni', [deploy('patroni.yml')], this.settings, join(this.directory, `${this.name}.log`)); }

  /** Patroni, the postmaster, which is no child of it, and every backend. */
  async #all() {
    const [postmaster] = (await readFile(join(this.data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    return [...await family(this.patroni.pid), ...(postmaster ? await family(Number(postmaster)) : [])];
  }

  async kill() {
    send(await this.#all(), 'SIGKILL');
    await this.patroni.exited;
  }

  async freeze() { send(this.frozen = await this.#all(), 'SIGSTOP'); }
  thaw() { send(this.frozen, 'SIGCONT'); }

  /** What etcd says of all of them, by way of this one. */
  known = () => fetch(`http://127.0.0.1:${this.api}/cluster`, { signal: AbortSignal.timeout(1000) }).then(reply => reply.json()).then(({ members }) => members, () => []);

  /** What its Patroni says of it: role, state, timeline; nothing if it says nothing. */
  status = () => fetch(`http://127.0.0.1:${this.api}/patroni`, { signal: AbortSignal.timeout(1000) }).then(reply => reply.json()).catch(() => ({}));
}

/** Starts all of it; the members, who leads, and the settings by which Poolhouse finds the leader. */
export async function startPatroni({ options = '' } = {}) {
  const directory = await temporary('patroni'), bin = await binaries();
  if (process.getuid() === 0) await run('chown', ['postgres:postgres', directory]);
  const [client, peer] = [await freePort(), await freePort()];
  const url = port => `http://127.0.0.1:${port}`;
  let etcd;
  const startEtcd = async () => {
    etcd = await start('/usr/bin/etcd', [
      '--enable-v2=true', '--data-dir', join(directory, 'etcd'), '--listen-client-urls', url(client), '--advertise-client-urls', url(client), '--listen-peer-urls', url(peer),
      '--initial-advertise-peer-urls', url(peer), '--initial-cluster', `default=${url(peer)}`, '--logger', 'zap', '--log-level', 'warn'], {}, join(directory, 'etcd.log'));
  };
  // What the file for one machine sets, and here the ports and the secrets.
  const given = Object.fromEntries([...(await readFile(deploy('patroni.env'), 'utf8')).matchAll(/^(PATRONI_\w+)=(.*)$/gm)].map(([, key, value]) => [key, value === '…' ? password : value]));
  const settings = { ...given, PATRONI_ETCD_HOSTS: `127.0.0.1:${client}`, PATRONI_POSTGRESQL_BIN_DIR: bin };
  const members = [];
  for (const name of names) members.push(new Member(name, directory, { port: await freePort(), api: await freePort() }, settings));

  const sqlAt = async (member, query, { user = 'postgres', database = 'postgres', args = [] } = {}) => {
    const target = `host=127.0.0.1 port=${member.port} user=${user} dbname=${database} connect_timeout=3`;
    const { code, out, err } = await run(join(bin, 'psql'), [target, '-v', 'ON_ERROR_STOP=1', '-At', ...args, ...(query ? ['-c', query] : [])], { env: { ...process.env, PGPASSWORD: password } });
    if (code !== 0) throw new Error(err);
    return out.trim();
  };
  const cluster = {
    members, directory, password,
    /** Who leads by its own word, and has a standby that has everything. */
    async leader(seconds = 90) {
      for (const deadline = Date.now() + 1000 * seconds; ; await pause(200)) {
        for (const member of members) {
          const { role, state, replication = [] } = await member.status();
          if (['master', 'primary'].includes(role) && state === 'running' && replication.some(standby => standby.sync_state === 'sync')) return member;
        }
        if (Date.now() > deadline) throw new Error(`nobody leads:\n${await cluster.log()}`);
      }
    },
    /**
     * Waits until all three are there, two of them as standbys that follow, and for some rounds of Patroni the same one has everything,
     * in etcd too: while that is being written down nobody may take over, and to lose the leader then is a second fault.
     */
    async whole(seconds = 120) {
      let before, since;
      for (const deadline = Date.now() + 1000 * seconds; ; await pause(200)) {
        const all = await Promise.all(members.map(member => member.status()));
        const led = all.filter(({ replication = [] }) => replication.filter(({ state }) => state === 'streaming').length === 2);
        const leader = led.length === 1 ? members[all.indexOf(led[0])] : undefined, known = leader ? await leader.known() : [];
        const second = led[0]?.replication.find(({ application_name, sync_state }) => sync_state === 'sync' && known.some(({ name, role }) => name === application_name && role === 'sync_standby'));
        const now = leader && second && `${leader.name} ${second.application_name}`;
        if (now !== before) [before, since] = [now, Date.now()];
        if (now && Date.now() - since > 6000) return;
        if (Date.now() > deadline) throw new Error(`not whole: ${JSON.stringify(all)}\n${await cluster.log()}`);
      }
    },
    async sql(query) { return sqlAt(await cluster.leader(), query, { user: 'poolhouse', database: 'poolhouse' }); },
    connection: undefined,
    stopEtcd: async () => { send([etcd.pid], 'SIGKILL'); await etcd.exited; },
    startEtcd,
    async log() { return (await Promise.all(names.map(name => readFile(join(directory, `${name}.log`), 'utf8').catch(() => '')))).map(text => text.slice(-3000)).join('\n'); },
    async stop() {
      for (const member of members) {
        if (member.frozen) member.thaw();
        if (member.patroni) await member.kill();
      }
      if (etcd) await cluster.stopEtcd();
      await rm(directory, { recursive: true, force: true });
    },
  };
  try {
    await startEtcd();
    for (const member of members) await member.start();
    await sqlAt(await cluster.leader(), undefined, { args: ['-v', `password=${password}`, '-f', deploy('poolhouse.sql')] });
    const { Storage } = JSON.parse(await readFile(deploy('settings.json'), 'utf8'));
    cluster.connection = `${Storage.ConnectionString.replace(/Host=[^;]+/, `Host=${members.map(member => member.address).join(',')}`).replace('…', password)}${options}`;
    await cluster.whole();
    return cluster;
  } catch (problem) {
    await cluster.stop();
    throw problem;
  }
}
