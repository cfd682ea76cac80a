// One race: a client in many tabs, against one session on several nodes, with replies that get lost and a node that dies.
import { setTimeout as pause } from 'node:timers/promises';
import { closed, startBrowser } from '../../tests/Browser/actors.mjs';
import { program } from '../../tests/actors/server.mjs';
import { startApp } from './app.mjs';
import { Chains } from './chains.mjs';
import { startFront } from './front.mjs';
import { ana, startNodes } from './nodes.mjs';
import { blank, Person } from './person.mjs';

/** What one race is, unless it is told otherwise. Times in milliseconds where no unit is named. */
export const usual = {
  client: 'poolhouse', locks: true, people: 1, tabs: 20, nodes: 3, loss: 0.1, seconds: 30, kill: true, access: 15, grace: 10,
  forced: 1000, turnover: 3000, reloads: 0.03, sabotage: undefined, command: program(),
};

// A server that forks: whoever comes second with a refresh token gets a successor of their own.
const forking = chains => (form, answer) => {
  if (form.get('grant_type') !== 'refresh_token' || answer.status !== 200 || !chains.spent(form.get('refresh_token'))) return answer;
  const json = JSON.parse(String(answer.body));
  const body = Buffer.from(JSON.stringify({ ...json, refresh_token: json.refresh_token.split('').reverse().join('') }));
  return { ...answer, body };
};

/** Runs one race to its end; what was counted. `enough` may make it longer: it is asked with the chains. */
export async function race(options, enough = () => true) {
  const how = { ...usual, ...options };
  const open = [];
  const opened = async starting => { const one = await starting; open.push(one); return one; };
  try {
    const chains = new Chains();
    const app = await opened(startApp(how.client));
    const front = await opened(startFront({ loss: how.loss, saw: chains.saw.bind(chains), alter: how.sabotage === 'fork' ? forking(chains) : undefined }));
    const nodes = await opened(startNodes({ count: how.nodes, url: front.url, opened: front.to, origin: app.origin, access: how.access, grace: how.grace, command: how.command }));
    const { issuer, clientId } = nodes;
    app.settings = { issuer, clientId, access: how.access, reloads: how.reloads, route: `${front.url}/oauth2/userInfo` };
    const browser = await startBrowser();
    open.push({ stop: () => browser.close() });

    const met = blank();
    const people = [];
    for (let count = 0; count < how.people; count++) {
      people.push(new Person(await browser.newContext(), app, ana, met));
      await people[count].arrive(Math.ceil(how.tabs / how.people), how.locks);
    }
    const end = Date.now() + 1000 * how.seconds, over = () => Date.now() > end && enough(chains);
    const crash = how.kill && pause(500 * how.seconds).then(() => nodes.crash(how.nodes - 1, pause(3000)));
    await Promise.all([crash, ...people.map(person => person.work(over, how))]);
    for (const person of people) await closed(person.context);

    const sessions = await nodes.sessions();
    return { ...how, ...met, ...counted(chains, sessions) };
  } finally {
    for (const one of open.reverse()) await one.stop();
  }
}

function counted({ asked, lost, answered, refused, generations, mostSuccessors, forks }, sessions) {
  return {
    asked, lost, answered, refused, generations, mostSuccessors, forks,
    rotations: sessions.reduce((sum, { generation }) => sum + generation, 0), ended: sessions.filter(({ ended }) => ended).length,
  };
}
