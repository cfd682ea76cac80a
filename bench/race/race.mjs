// The races of one command: every client on every course, one after the other, and whether the promise held.
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { built, program } from '../../tests/actors/server.mjs';
import { race, usual } from './lab.mjs';
import { held, nameOf, table } from './report.mjs';

const clients = {
  poolhouse: { client: 'poolhouse', locks: true },
  'poolhouse-no-locks': { client: 'poolhouse', locks: false },
  'oidc-client-ts': { client: 'oidc-client-ts', locks: true },
};
const courses = {
  crowded: { title: 'Crowded: one session, and every second three of its tabs refresh at once', times: 1, how: { access: 15 } },
  calm: { title: 'Calm: two sessions, and tokens are renewed when they are due', times: 4, how: { access: 30, people: 2, forced: 0 } },
};

const numbers = ['tabs', 'nodes', 'loss', 'seconds', 'access', 'grace'];
const text = { type: 'string' }, flag = { type: 'boolean' };
const { values } = parseArgs({
  options: { ...Object.fromEntries(numbers.map(name => [name, text])), client: text, course: text, sabotage: text, kill: flag, 'no-kill': flag, keep: flag, jit: flag },
});

function chosen(name, all) {
  const names = values[name]?.split(',') ?? Object.keys(all);
  const unknown = names.find(one => !(one in all));
  if (unknown !== undefined) throw new Error(`--${name} is one or several of ${Object.keys(all).join(',')}: not ${unknown}`);
  return names.map(one => all[one]);
}

function settings() {
  const given = Object.fromEntries(numbers.filter(name => name in values).map(name => [name, Number(values[name])]));
  const wrong = Object.keys(given).find(name => !(given[name] >= 0));
  if (wrong) throw new Error(`--${wrong} is a number`);
  if (![undefined, 'fork'].includes(values.sabotage)) throw new Error('--sabotage is fork');
  const nodes = given.nodes ?? usual.nodes;
  return { ...given, kill: values.kill || nodes >= 3 && !values['no-kill'], sabotage: values.sabotage, command: values.jit ? built : program() };
}

const { version } = JSON.parse(readFileSync(new URL('node_modules/oidc-client-ts/package.json', import.meta.url)));
const shared = settings(), all = { ...usual, ...shared };
const parts = [], results = [];
for (const { title, times, how } of chosen('course', courses)) {
  const races = [], seconds = times * all.seconds;
  for (const contestant of chosen('client', clients)) {
    process.stderr.write(`${title.split(':')[0].toLowerCase()}, ${nameOf(contestant)} …\n`);
    races.push(await race({ ...how, ...shared, ...contestant, seconds }));
  }
  parts.push(`## ${title}\n\n${seconds} seconds each; access tokens live ${races[0].access} seconds.\n\n${table(races)}`);
  results.push(...races);
}

const ours = results.filter(({ client }) => client === 'poolhouse');
const missed = ours.filter(one => !held(one));
const day = new Date().toISOString().slice(0, 10);
const page = `# The race of ${day}

\`bench/race.sh ${process.argv.slice(2).filter(one => one !== '--keep').join(' ')}\`

${all.tabs} tabs of Chromium against ${all.nodes} nodes of \`poolhouse serve\`${values.jit ? ' (JIT)' : ''} over one PostgreSQL.
Refresh tokens rotate with a grace of ${all.grace} seconds, and ${100 * all.loss} % of the replies to refreshes get lost after the node has committed.
${all.kill ? 'Half way one node is killed (SIGKILL), and started again three seconds later.' : 'No node is killed.'} oidc-client-ts ${version}.

${ours.length === 0 ? 'Poolhouse took no part.' : `No forks, no session ended, nobody signed out with @poolhouse/client: **${missed.length === 0 ? 'held' : 'not held'}**.`}

${parts.join('\n\n')}
`;
process.stdout.write(page);
if (values.keep) writeFileSync(new URL(`../results/${day}-race.md`, import.meta.url), page);
process.exitCode = missed.length === 0 ? 0 : 1;
