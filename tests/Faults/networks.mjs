// A network of its own for one trial: a namespace for everybody, and in the middle one that carries what they send to each other, or drops it.
import { spawnSync } from 'node:child_process';
import { run } from '../actors/server.mjs';

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` };

async function must(line) {
  const [command, ...args] = line.split(' ');
  const { code, err } = await run(command, args, { env });
  if (code !== 0) throw new Error(`${line}: ${err}`);
}

/** Why there can be no such network here; nothing if there can. */
export function noNetworks() {
  if (process.getuid() !== 0) return 'skipped: no namespaces, since only root makes them';
  const probe = `phprobe${process.pid}`, does = (...line) => spawnSync(line[0], line.slice(1), { env }).status === 0;
  if (!does('nft', '--version')) return 'skipped: no nft';
  const made = does('ip', 'netns', 'add', probe) && does('ip', 'link', 'add', `${probe}v`.slice(-15), 'netns', probe, 'type', 'veth', 'peer', 'name', 'p1', 'netns', probe)
    && does('ip', 'netns', 'exec', probe, 'nft', 'add', 'table', 'inet', 'f');
  does('ip', 'netns', 'del', probe);
  return made ? undefined : 'skipped: no namespaces';
}

export class Network {
  #id = `ph${process.pid}`;
  #hosts = [];

  /** Makes it, with this process as a part of it that is never cut off. */
  static async of(...names) {
    const network = new Network(), hub = network.#hub;
    await must(`ip netns add ${hub}`);
    try {
      await network.#exec(hub, 'ip link set lo up');
      await network.#exec(hub, 'sysctl -qw net.ipv4.ip_forward=1');
      await network.#exec(hub, 'nft add table ip cut');
      await network.#exec(hub, 'nft add chain ip cut forward { type filter hook forward priority 0 ; }');
      await network.#link(0, undefined);
      await must(`ip route add 10.199.0.0/16 via ${network.#gate(0)}`);
      for (const [index, name] of names.entries()) {
        network.#hosts.push(name);
        await must(`ip netns add ${network.#id}${name}`);
        await network.#link(index + 1, `${network.#id}${name}`);
        await network.#exec(`${network.#id}${name}`, 'ip link set lo up');
        await network.#exec(`${network.#id}${name}`, `ip route add default via ${network.#gate(index + 1)}`);
      }
      return network;
    } catch (problem) {
      await network.stop();
      throw problem;
    }
  }

  get #hub() { return `${this.#id}hub`; }
  #gate = index => `10.199.${index}.1`;
  #exec = (space, line) => must(`ip netns exec ${space} ${line}`);

  async #link(index, space) {
    const [inner, outer] = [`${this.#id}i${index}`, `${this.#id}o${index}`];
    await must(`ip link add ${inner} type veth peer name ${outer} netns ${this.#hub}`);
    if (space) await must(`ip link set ${inner} netns ${space}`);
    const here = line => space ? this.#exec(space, line) : must(line);
    await here(`ip addr add 10.199.${index}.2/24 dev ${inner}`);
    await here(`ip link set ${inner} up`);
    await this.#exec(this.#hub, `ip addr add ${this.#gate(index)}/24 dev ${outer}`);
    await this.#exec(this.#hub, `ip link set ${outer} up`);
  }

  address = name => `10.199.${this.#hosts.indexOf(name) + 1}.2`;

  /** The start of a command line that runs somewhere in it. */
  within = name => ['ip', 'netns', 'exec', `${this.#id}${name}`];

  /** Drops what the first sends to the second. */
  drop = (from, to) => this.#exec(this.#hub, `nft add rule ip cut forward ip saddr ${this.address(from)} ip daddr ${this.address(to)} drop`);

  /** Drops what they send to each other. */
  async cut(one, other) {
    await this.drop(one, other);
    await this.drop(other, one);
  }

  heal = () => this.#exec(this.#hub, 'nft flush chain ip cut forward');

  async stop() {
    // With the last namespace go its interfaces, their other ends and the routes over them.
    for (const space of [...this.#hosts.map(name => `${this.#id}${name}`), this.#hub]) await must(`ip netns del ${space}`).catch(() => {});
  }
}
