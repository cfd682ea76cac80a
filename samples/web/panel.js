// The token system at work: what is held and for how long, what the API sees, and a log of what happened by itself.
import { call, signOutEverywhere } from './api.js';
import { inPage, session, settings } from './session.js';
import { byId, clock, countdown, el, reasons, until } from './words.js';

/** What is held, from when to when, in seconds; what ends at 0 is not here. @typedef {{ name: string, what: string, from: number, to: number }} Held */

/** @type {Held[]} */
let held = [];
/** When the access token that the API saw last was issued. */
let seen = 0;
let asked = false;

/** @param {string} text @param {'good' | 'bad' | ''} [tone] @param {number} [at] in milliseconds */
export function log(text, tone = '', at = Date.now()) {
  byId('log').prepend(el('li', { className: tone }, el('time', {}, clock(at / 1000)), el('span', {}, text)));
}

/** Reads a token without checking it: the page trusts where it comes from, and APIs check for themselves. @param {string} token */
const claimsOf = token => JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(token.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')), character => character.charCodeAt(0))));

// ——— What is held

/** Looks at the session again; whoever changes it calls this. */
export const look = () => lookUp().catch(() => log('No answer: what is shown here is old.', 'bad'));

async function lookUp() {
  const user = /** @type {any} */ (session.user);
  byId('held').hidden = !user;
  byId('acts').hidden = !user;
  if (!user) {
    held = [];
  } else if (inPage) {
    const access = claimsOf(await session.getAccessToken());
    held = [
      { name: 'ID token', what: 'who you are, for this page', from: user.iat, to: user.exp },
      { name: 'Access token', what: 'what the API takes', from: access.iat, to: access.exp },
      { name: 'Refresh token', what: 'gets new ones; in memory, where no code of this app sees it', from: user.auth_time, to: user.auth_time + settings.sessionSeconds },
    ];
    byId('claims').replaceChildren(...claims('ID token', user), ...claims('Access token', access));
  } else {
    const { expiresIn = 0 } = await (await session.fetch(`${settings.bff}/session`)).json();
    const now = Date.now() / 1000, elsewhere = { what: 'with the backend', from: now, to: 0 };
    held = [{ name: 'Session', what: 'a cookie that no script can read; each call moves its end', from: user.auth_time ?? now, to: now + expiresIn },
      ...['ID token', 'Access token', 'Refresh token'].map(name => ({ name, ...elsewhere }))];
    byId('claims').replaceChildren(...claims('What the page is told', user));
  }
  byId('meters').replaceChildren(...held.map(({ name, what }) => el('li', { className: 'meter' },
    el('strong', {}, name), el('span', { className: 'left' }), el('small', {}, what), el('div', { className: 'channel' }, el('div', { className: 'water' })))));
  tick();
}

/** @param {string} title @param {object} of */
const claims = (title, of) => [el('h3', {}, title), el('pre', { tabIndex: 0, role: 'group', ariaLabel: title }, JSON.stringify(of, null, 2))];

function tick() {
  held.forEach(({ from, to }, index) => {
    const meter = byId('meters').children[index], left = Math.max(0, to - Date.now() / 1000);
    meter.style.setProperty('--left', String(left && Math.min(1, left / (to - from))));
    meter.querySelector('.left').textContent = !to ? 'not in this page' : !left ? 'ended' : inPage ? countdown(left) : `until ${until(to)}`;
  });
}

// ——— What happens by itself

// Which tab asked the pool: the package does not say, the browser does, a moment after the reply has been read, and on a busy machine some
// moments after. A renewal that came with a call of this tab is this tab's.
const moment = 400, moments = 4;
let calls = 0, counted = 0;
/** @param {PerformanceEntry[]} entries */
const count = entries => { calls += entries.filter(({ name }) => name.endsWith('/oauth2/token')).length; };
const observer = new PerformanceObserver(list => count(list.getEntries()));
observer.observe({ type: 'resource' });

/** Whether this tab has called since it was asked last. */
function ours() {
  count(observer.takeRecords());
  const called = calls > counted;
  counted = calls;
  return called;
}

function renewed() {
  const [, access] = held, at = Date.now(), left = access.to - at / 1000;
  const why = asked ? 'because you asked for it' : left > 0 ? `${countdown(left)} before its end` : 'which had ended';
  const tell = (/** @type {number} */ tries) => setTimeout(() => {
    const called = ours();
    if (!called && tries > 1) return tell(tries - 1);
    log(`New tokens: ${called ? 'this tab' : 'another tab'} has renewed the access token ${why}. All tabs have them.`, 'good', at);
  }, moment);
  tell(moments);
}

// ——— What the API sees

/** One call, shown with its answer. @param {boolean} [again] whether a refusal that nobody can explain yet is looked at once more */
export async function callApi(again = true) {
  const { status, body, why } = await call('GET', 'me');
  const said = status === 200
    ? `It sees ${body.name}, by a token of ${clock(body.issuedAt)} that ends at ${clock(body.expiresAt)}. Nobody was asked: it knows what is revoked, as of ${body.provenAgo} ms ago.`
    : why;
  byId('verdict').className = `verdict ${status === 200 ? 'good' : 'bad'}`;
  byId('verdict').replaceChildren(el('strong', {}, status === 200 ? '200 · let in' : status ? `${status} · refused` : 'no answer'), ' ', said);
  byId('verdict').hidden = false;
  // In the page the event tells. Behind the Bff nothing of it reaches the page, but the API sees another token.
  if (!inPage && status === 200 && seen && body.issuedAt > seen) log(`The backend has renewed the access token: the API now sees one of ${clock(body.issuedAt)}. The page holds what it held before: nothing.`, 'good');
  if (status === 200) seen = body.issuedAt;
  // The API may hear of the end before the backend does, which then has the reason.
  if (status === 401 && session.user && again) setTimeout(callApi, 1000, false);
  if (!inPage && status === 200) await look();
  return status;
}

/** Ends all sessions of this user at the pool, as another device would, and calls until the API refuses. */
async function revoke() {
  const why = await signOutEverywhere();
  if (why) return log(why, 'bad');
  const since = performance.now();
  log('All sessions of this user are revoked at the pool. Nobody has told this page.', 'bad');
  for (let passed = 0; ; passed++) {
    const status = await callApi(), ms = Math.round(performance.now() - since);
    if (status === 401) return log(passed ? `The API refused after ${ms} ms; ${passed} more ${passed === 1 ? 'call' : 'calls'} had passed.` : 'The API refused the very next call.', 'bad');
    if (status !== 200 || ms > 5000) return log('The API has not refused.', 'bad');
  }
}

/** Connects the buttons, once. */
export function connect() {
  const mode = inPage ? 'page' : 'bff';
  for (const part of document.querySelectorAll('[data-only]')) /** @type {HTMLElement} */ (part).hidden = /** @type {HTMLElement} */ (part).dataset.only !== mode;
  byId('call').onclick = () => callApi();
  byId('revoke').onclick = revoke;
  byId('refresh').onclick = async () => {
    asked = true;
    await session.refresh().catch(error => log(error.code === 'signed-out' ? reasons[error.reason] : `Not renewed: ${error.code}. You stay signed in.`, 'bad'));
    asked = false;
  };
  session.on('refreshed', renewed);
  session.on('signed-in', () => setTimeout(ours, moment));
  setInterval(tick, 1000);
}
