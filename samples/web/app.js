// The lido: books lanes. Nothing in here but session.js knows where the tokens are.
//   session  the session, and where the two applications differ      panel  what the session is doing
//   api      calls of the API       pool  the lanes                   words  words, times, elements
import { call, signOutEverywhere } from './api.js';
import { callApi, connect, log, look } from './panel.js';
import { Pool } from './pool.js';
import { inPage, session } from './session.js';
import { byId, dayName, el, problems, reasons } from './words.js';

const pool = new Pool(choose, close);
/** The day whose lanes are in sight. */
let shown = '';

// ——— The lanes

async function load() {
  const day = new URLSearchParams(location.search).get('day') ?? '';
  const { status, body, why } = await call('GET', `lanes?day=${encodeURIComponent(day)}`);
  if (status !== 200) return say(why);
  shown = body.day;
  const links = byId('days');
  // Made anew only at midnight: whoever is on one with the keyboard stays there.
  if (links.dataset.first !== body.days[0]) links.replaceChildren(...body.days.map((/** @type {string} */ one) => el('a', { href: `?day=${one}` }, dayName(one))));
  links.dataset.first = body.days[0];
  for (const link of links.children) link.ariaCurrent = link.getAttribute('href') === `?day=${shown}` ? 'date' : null;
  pool.show(body.lanes, /** @type {any} */ (session.user)?.['cognito:groups']?.includes('staff'));
}

/** @param {number} lane @param {number} hour @param {string} state */
async function choose(lane, hour, state) {
  const { status, why } = await call(state === 'free' ? 'PUT' : 'DELETE', `lanes/${lane}/${shown}/${hour}`);
  say(status === 204 ? `Lane ${lane}, ${hour}:00 to ${hour + 1}:00 ${state === 'free' ? 'is yours' : 'is free again'}.` : why);
  if (session.user) await load();
}

/** @param {number} lane @param {boolean} closed */
async function close(lane, closed) {
  const { status, why } = await call(closed ? 'PUT' : 'DELETE', `lanes/${lane}/closed`);
  say(status === 204 ? `Lane ${lane} is ${closed ? 'closed' : 'open'}.` : why);
  if (session.user) await load();
}

/** @param {string} text */
const say = text => { byId('said').textContent = text; };

byId('days').addEventListener('click', (/** @type {any} */ event) => {
  const link = event.target.closest('a');
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  history.pushState(null, '', link.href);
  load();
});
addEventListener('popstate', () => { if (session.user) load(); });

// ——— The session

function draw() {
  const user = /** @type {any} */ (session.user);
  for (const part of document.querySelectorAll('[data-when]')) /** @type {HTMLElement} */ (part).hidden = (/** @type {HTMLElement} */ (part).dataset.when === 'in') !== Boolean(user);
  if (user) {
    byId('who').textContent = user.name ?? user['cognito:username'] ?? user.email;
    byId('notice').hidden = true;
  } else {
    pool.sleep();
  }
  byId('door').hidden = Boolean(user) || pool.built;
  return look();
}

/** @param {string} reason */
function ended(reason) {
  byId('why').textContent = reasons[reason];
  byId('notice').hidden = false;
  byId('notice').dataset.reason = reason;
  log(`The session has ended (${reason}). ${reasons[reason]}`, 'bad');
  say('');
}

session.on('ended', ({ reason }) => ended(reason));
session.on('signed-in', () => { if (begun) { log('Signed in, by another tab.', 'good'); load(); } });
session.on('change', () => draw());
let begun = false;

// Where the user is goes along, and comes back: the day that is shown.
for (const button of document.querySelectorAll('.sign-in')) button.addEventListener('click', () => session.signIn().catch(fail));
byId('out').onclick = () => session.signOut().catch(fail);
byId('out-everywhere').onclick = async () => {
  const why = await signOutEverywhere();
  if (why) say(why); else await session.signOut().catch(fail);
};

/** @param {any} error */
function fail(error) {
  byId('why').textContent = problems[error.code] ?? `The sign-in did not work (${error.code}).`;
  byId('notice').hidden = false;
  byId('notice').dataset.reason = error.code;
}

connect();
const back = new URLSearchParams(location.search).has('code');
const user = await session.start().catch(fail);
begun = true;
if (user) {
  log(back ? 'Signed in: a code was traded for three tokens.' : inPage ? 'Signed in already: another tab had the session.' : 'Signed in: the backend has the session.', 'good');
  await Promise.all([load(), callApi()]);
}
await draw();
document.body.dataset.ready = 'true';
