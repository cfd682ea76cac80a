// The playground: wires the page's parts together and keeps what is shown true to what is.
//   playground-session    the session, by the client package: sign in, refresh, tabs, sign out; and what the package keeps to itself
//   playground-checks     who is shown a token, and what they say
//   playground-tokens     the cards and the difference that a refresh makes
//   playground-lifetimes  the panel, playground-snippets the configuration, playground-calls every call, playground-words the words
import { askers, refreshVerdict, sample, signature, untilRefused, userinfo } from './playground-checks.js';
import { LifetimePanel } from './playground-lifetimes.js';
import { Session, reset } from './playground-session.js';
import { showSnippets } from './playground-snippets.js';
import { claimsOf, difference, differenceTable, jwtCard, refreshCard, shortened } from './playground-tokens.js';
import { byId, clockTime, countdown, duration, el } from './playground-words.js';

/** @typedef {import('./playground-calls.js').Exchange} Exchange */
/** @typedef {import('./playground-checks.js').Verdict} Verdict */

const config = await (await fetch('/dev/playground/config')).json();
const session = new Session(config);
const panel = config.clientId ? new LifetimePanel(config, lifetimesChanged) : null;
/** @type {Record<string, Verdict>} */
let verdicts = {};
/** @type {{ id: Set<string>, access: Set<string>, renewed: boolean } | null} */
let changed = null;
/** When the session began, when it ends whatever is done, and when it was revoked; seconds. */
let life = { born: 0, ends: 0, revokedAt: 0 };
let next = 'signin';

// ——— The timeline

/** @param {string} title @param {string} text @param {{ exchange?: Exchange, tone?: 'good' | 'bad' }} [how] */
function tell(title, text, { exchange, tone } = {}) {
  byId('quiet-water').hidden = true;
  byId('now').textContent = `${title}${/[?.]$/.test(title) ? '' : '.'} ${text}`;
  const line = exchange ? el('p', { className: 'wire' }, el('code', {}, `${exchange.method} ${exchange.path.split('?')[0]}`),
    el('span', { className: exchange.ok ? 'status good' : 'status bad' }, exchange.status ? String(exchange.status) : 'no answer'), el('small', {}, `${exchange.ms} ms`)) : null;
  byId('timeline').prepend(el('li', { className: `event ${tone ?? ''}` },
    el('div', { className: 'event-head' }, el('h3', {}, title), el('time', {}, clockTime(Date.now() / 1000))),
    line, el('p', {}, text), exchange ? inside(exchange) : null));
}

/** What went over the wire; the long values shortened. @param {Exchange} exchange */
function inside(exchange) {
  const json = (/** @type {unknown} */ value) => JSON.stringify(value, (_, one) => typeof one === 'string' ? shortened(one) : one, 2);
  const block = (/** @type {string} */ name, /** @type {unknown} */ value) => value === null || value === undefined ? [] : [el('h4', {}, name), el('pre', {}, el('code', {}, json(value)))];
  return el('details', {}, el('summary', {}, 'Request and reply'), ...block('Sent', exchange.sent),
    ...(exchange.challenge ? block('WWW-Authenticate', exchange.challenge) : []), ...block('Came back', exchange.body ?? 'an empty body'));
}

// ——— The acts

async function begin() {
  const { problem, exchange, signedIn } = await session.start();
  session.on({ renewed, joined: () => { join(); draw(); void ask().then(draw); }, ended });
  if (problem) return tell('Sign-in failed', problem, { exchange, tone: 'bad' });
  if (!signedIn) return;
  join(exchange);
  draw(); // the tokens are here, whatever the four askers take to answer
  await ask();
}

/** Somebody has signed in, here or in another tab. @param {Exchange} [exchange] */
function join(exchange) {
  const { auth_time, exp } = claimsOf(session.tokens?.access ?? '');
  life = { born: auth_time, ends: auth_time + (panel?.lifetimes.refresh ?? 0), revokedAt: 0 };
  next = 'call';
  if (exchange) tell('Signed in', `The code was traded for three tokens. The access token lives ${duration(exchange.body.expires_in)}.`, { exchange, tone: 'good' });
  else tell('Signed in by another tab', `All tabs of this page are one session: these are its tokens, and the pool was not asked. The access token lives ${duration(exp - Date.now() / 1000)} more.`, { tone: 'good' });
}

/** @param {string} reason */
function ended(reason) {
  if (reason !== 'expired') life.revokedAt ||= Date.now() / 1000;
  next = 'signin';
  tell('The session has ended', `The package says why: ${reason}. All tabs know it. A real app would now ask for a new sign-in; this one keeps the dead tokens to show them around.`, { tone: 'bad' });
  draw();
}

async function callApi() {
  const verdict = verdicts.sample = await sample(session.tokens?.access ?? '');
  if (next === 'call') next = 'refresh';
  tell(verdict.says === 'passes' ? 'The API let you in' : 'The API refused', verdict.says === 'passes' ? `It says: “${verdict.why}”` : verdict.why,
    { exchange: verdict.exchange, tone: verdict.says === 'passes' ? 'good' : 'bad' });
}

async function refresh() {
  const held = session.tokens;
  const exchange = await session.refresh();
  if (exchange) verdicts.refresh = refreshVerdict(exchange);
  if (session.tokens === held) return tell('No new tokens', exchange
    ? `The token endpoint says ${exchange.body?.error ?? exchange.body}. ${exchange.status === 400 ? 'Only a new sign-in helps.' : ''}`
    : 'The pool did not answer a moment ago, and the package waits before it asks again.', { exchange, tone: 'bad' });
  next = 'revoke';
  renewed(exchange, 'New tokens');
  await ask();
}

/** New tokens are here, and `session.before` has the old ones. @param {Exchange} [exchange] there is none if another tab asked @param {string} [title] */
function renewed(exchange, title = exchange ? 'New tokens, by itself' : 'New tokens, by another tab') {
  const { before, tokens } = session;
  if (!before || !tokens) return;
  const diffs = { access: difference(claimsOf(before.access), claimsOf(tokens.access)), id: tokens.id && before.id ? difference(claimsOf(before.id), claimsOf(tokens.id)) : null };
  const rotated = before.refresh !== tokens.refresh;
  changed = { access: names(diffs.access), id: diffs.id ? names(diffs.id) : new Set(), renewed: rotated };
  tell(title, `A new access token and a new ID token, the same session: sub, auth_time and origin_jti stay. ${rotated
    ? 'Rotation is on, so the refresh token is a new one too.' : 'No new refresh token in the reply: rotation is off, and the one at hand goes on.'}`,
    { exchange, tone: 'good' });
  byId('changed').hidden = false;
  byId('changes').replaceChildren(differenceTable('Access token', diffs.access), ...(diffs.id ? [differenceTable('ID token', diffs.id)] : []));
  draw();
}

/** @param {ReturnType<typeof difference>} diff */
const names = diff => new Set(diff.changed.map(({ name }) => name));

async function revoke() {
  const exchange = await session.revoke();
  if (!exchange.ok) return tell('Not revoked', exchange.body?.error === 'invalid_request'
    ? 'The server says invalid_request: revocation is switched off for this client.' : `The server says ${exchange.body?.error ?? exchange.body}.`, { exchange, tone: 'bad' });
  life.revokedAt ||= Date.now() / 1000;
  next = 'signin';
  tell('Session revoked', 'The refresh token is dead, and so is every access token of this session, for all who ask. The tokens themselves have not changed by a letter.', { exchange, tone: 'bad' });
  const { verdict, passed, ms } = await untilRefused(session.tokens?.access ?? '');
  tell(passed ? `Refused after ${ms} ms` : 'The very next call is refused',
    `${passed ? `${passed} ${passed === 1 ? 'call' : 'calls'} of the API still passed, then the guard had the news.` : 'The guard had the news before the call came.'} It asks nobody: the feed told it.`,
    { exchange: verdict.exchange, tone: 'bad' });
  await ask();
}

/** Shows the token to all four. The token endpoint is asked only after a revocation: before, it would hand out new tokens. */
async function ask() {
  if (!session.tokens) return;
  const { access } = session.tokens;
  const spent = session.revoked ? session.refresh().then(exchange => exchange && refreshVerdict(exchange)) : verdicts.refresh?.says === 'passes' ? verdicts.refresh : undefined;
  const [one, two, three, four] = await Promise.all([signature(access, config.issuer, config.poolId), sample(access), userinfo(access), spent]);
  verdicts = { signature: one, sample: two, userinfo: three, ...(four ? { refresh: four } : {}) };
  if (session.revoked) {
    const claims = claimsOf(access);
    tell('Who noticed?', `Everybody who asks the pool. An API that only checks the signature would let this token pass until ${clockTime(claims.exp)}, ${duration(claims.exp - Date.now() / 1000)} from now.`);
  }
}

/** @param {Exchange} exchange @param {import('./playground-lifetimes.js').Lifetimes | null} lifetimes */
function lifetimesChanged(exchange, lifetimes) {
  tell(lifetimes ? 'Lifetimes changed' : 'Lifetimes not changed', lifetimes
    ? `Access token ${duration(lifetimes.access)}, ID token ${duration(lifetimes.id)}, refresh token ${duration(lifetimes.refresh)}, rotation ${lifetimes.rotates ? 'on' : 'off'}. Tokens that exist keep theirs.`
    : exchange.body?.message ?? String(exchange.body), { exchange, tone: lifetimes ? 'good' : 'bad' });
  draw();
}

// ——— What is shown

function draw() {
  const { tokens } = session;
  const has = Boolean(tokens);
  for (const [id, enabled] of /** @type {[string, boolean][]} */ ([['signin', Boolean(config.clientId)], ['call', has], ['refresh', has], ['revoke', has], ['signout', Boolean(config.clientId)]])) {
    byId(id).disabled = !enabled;
    byId(id).classList.toggle('quiet', id !== next);
  }
  byId('signin').textContent = has ? 'Sign in again' : 'Sign in';
  byId('ask').hidden = !has;
  drawVerdicts();
  byId('tokens').hidden = !has;
  if (tokens) {
    byId('cards').replaceChildren(...(tokens.id ? [jwtCard('id', tokens.id, changed?.id ?? null)] : []), jwtCard('access', tokens.access, changed?.access ?? null),
      refreshCard(tokens.refresh, { ...life, rotates: panel?.lifetimes.rotates ?? false, renewed: changed?.renewed ?? false }));
    const name = claimsOf(tokens.access).username;
    byId('who').hidden = false;
    byId('who').replaceChildren(el('strong', {}, name), session.revoked ? ' · session revoked' : ' · signed in');
  }
  const lanes = /** @type {HTMLElement} */ (document.querySelector('.lanes'));
  lanes.classList.add('moving');
  setTimeout(() => lanes.classList.remove('moving'), 950);
  tick();
}

function drawVerdicts() {
  byId('verdicts').replaceChildren(...askers.map(([key, name, looks]) => {
    const verdict = verdicts[key];
    const says = verdict?.says ?? 'unknown';
    const waiting = key === 'refresh' && session.tokens ? 'Press Refresh to ask' : 'Not asked yet';
    return el('li', { className: `verdict ${says}` }, el('span', { className: 'sign', ariaHidden: 'true' }),
      el('div', { className: 'asker' }, el('h3', {}, name), el('p', {}, looks)),
      el('div', { className: 'answer' }, el('strong', {}, verdict?.short ?? waiting), verdict ? el('p', {}, verdict.why) : null));
  }));
}

/** The water in the lanes: what is left of each token. */
function tick() {
  const now = Date.now() / 1000;
  for (const lane of document.querySelectorAll('.lane')) {
    const kind = /** @type {'id' | 'access' | 'refresh'} */ (/** @type {HTMLElement} */ (lane).dataset.token);
    const span = spanOf(kind);
    const left = span ? Math.max(0, span.ends - now) : 0;
    const state = !span ? 'idle' : left === 0 ? 'ended' : life.revokedAt ? kind === 'refresh' ? 'dead' : 'ghost' : 'live';
    lane.className = `lane ${state}`;
    /** @type {HTMLElement} */ (lane).style.setProperty('--left', String(span ? Math.min(1, left / (span.ends - span.starts)) : 1));
    const text = { live: `${countdown(left)} left`, ended: 'ended', dead: 'revoked', ghost: `revoked, its signature holds ${countdown(left)}`, idle: idle(kind) }[state];
    const label = /** @type {HTMLElement} */ (lane.querySelector('.left'));
    if (label.textContent !== text) label.textContent = text;
  }
}

/** @param {'id' | 'access' | 'refresh'} kind */
const idle = kind => panel?.client ? `will live ${duration(panel.lifetimes[kind])}` : '';

/** @param {'id' | 'access' | 'refresh'} kind */
function spanOf(kind) {
  if (!session.tokens) return null;
  if (kind === 'refresh') return { starts: life.born, ends: life.ends };
  const token = session.tokens[kind];
  if (!token) return null;
  const { iat, exp } = claimsOf(token);
  return { starts: iat, ends: exp };
}

// ——— Buttons, and the start

/** @param {string} id @param {() => unknown} act */
function on(id, act) {
  byId(id).addEventListener('click', async () => {
    if (byId(id).hasAttribute('aria-busy')) return;
    byId(id).setAttribute('aria-busy', 'true');
    try { await act(); } finally { byId(id).removeAttribute('aria-busy'); draw(); }
  });
}

/** @param {string} text */
function problem(text) {
  byId('problem').textContent = text;
  byId('problem').hidden = false;
}

function connect() {
  on('signin', () => session.signIn());
  on('call', callApi);
  on('refresh', refresh);
  on('revoke', revoke);
  on('signout', () => session.signOut());
  on('ask', ask);
  byId('reset').addEventListener('click', () => byId('sure').showModal());
  byId('sure').addEventListener('close', async () => {
    if (byId('sure').returnValue !== 'reset') return;
    byId('sure').returnValue = '';
    const exchange = await reset();
    if (exchange.ok) location.assign('/'); else tell('Not reset', `The server says ${exchange.status}.`, { exchange, tone: 'bad' });
  });
  setInterval(tick, 1000);
}

async function start() {
  connect();
  if (!config.clientId) return problem(`No public app client with the code flow lists ${config.redirectUri} among its callback URLs, so nobody could come back to this page. Create one, or press Reset.`);
  if (!globalThis.crypto?.subtle) return problem(`Browsers offer Web Crypto at https addresses and on localhost only. Open ${config.publicUrl}.`);
  if (location.origin !== new URL(config.publicUrl).origin) problem(`This playground lives at ${config.publicUrl}: sign-in comes back there.`);
  Object.assign(byId('discovery'), { href: `/${config.poolId}/.well-known/openid-configuration`, hidden: false });
  Object.assign(byId('keys'), { href: `/${config.poolId}/.well-known/jwks.json`, hidden: false });
  const described = await panel?.load();
  if (!described?.ok) return problem(`The client cannot be read: ${described?.body?.message ?? 'no answer'}`);
  for (const id of ['lifetimes', 'snippets']) byId(id).hidden = false;
  showSnippets(config);
  byId('now').textContent = config.user ? `Sign in as ${config.user.username} with the password ${config.user.password}.` : '';
  draw();
  const parting = session.parting();
  if (parting) tell('Signed out', `${{ revoked: 'The tokens had been revoked before.', none: '' }[parting]
    ?? 'The package has revoked the tokens first. /logout alone does not touch them: a copy would still work. Revoke first, then leave.'} The browser’s session at the pool is over.`.trim());
  await begin();
}

await start();
draw();
