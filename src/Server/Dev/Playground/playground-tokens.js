// The three tokens as cards, and what a refresh changed in them.
import { clockTime, dateTime, duration, el, meaning, shown } from './playground-words.js';

/** @param {string} part */
const decoded = part => JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(part.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0))));

/** Reads a token without checking it. @param {string} token @returns {Record<string, any>} */
export const claimsOf = token => decoded(token.split('.')[1]);

/** @param {string} token @returns {Record<string, any>} */
export const headerOf = token => decoded(token.split('.')[0]);

const order = ['token_use', 'sub', 'username', 'cognito:username', 'cognito:groups', 'client_id', 'aud', 'scope', 'iss', 'auth_time', 'iat', 'exp', 'jti', 'origin_jti', 'event_id'];
const rank = (/** @type {string} */ claim) => (order.indexOf(claim) + 1) || order.length + 1;

/** @param {Record<string, any>} claims */
const sorted = claims => Object.entries(claims).sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));

/**
 * What two tokens of one kind have in common and what not.
 * @param {Record<string, any>} before
 * @param {Record<string, any>} after
 */
export function difference(before, after) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
  const same = (/** @type {string} */ name) => JSON.stringify(before[name]) === JSON.stringify(after[name]);
  return {
    changed: names.filter(name => !same(name)).map(name => ({ name, before: before[name], after: after[name] })),
    same: names.filter(same),
  };
}

/** The difference as a table. @param {string} caption @param {ReturnType<typeof difference>} diff */
export function differenceTable(caption, { changed, same }) {
  const cell = (/** @type {string} */ name, /** @type {unknown} */ value) => el('td', {}, value === undefined ? el('i', {}, 'absent') : el('code', {}, briefly(name, value)));
  return el('table', { className: 'difference' }, el('caption', {}, caption),
    el('thead', {}, el('tr', {}, ...['Claim', 'Before', 'Now'].map(text => el('th', { scope: 'col' }, text)))),
    el('tbody', {}, ...changed.map(({ name, before, after }) => el('tr', {}, el('th', { scope: 'row' }, el('code', {}, name)), cell(name, before), cell(name, after)))),
    el('tfoot', {}, el('tr', {}, el('td', { colSpan: 3 }, 'The same: ', el('code', {}, same.join(', '))))));
}

/** @param {string} claim @param {unknown} value */
const briefly = (claim, value) => ['iat', 'exp', 'auth_time'].includes(claim) ? clockTime(Number(value)) : shortened(shown(claim, value), 12);

/** A long value, with its middle left out. @param {string} text */
export const shortened = (text, ends = 20) => text.length > 2 * ends + 4 ? `${text.slice(0, ends)} … ${text.slice(-ends / 2)}` : text;

/**
 * A token that is a JWT.
 * @param {'id' | 'access'} kind
 * @param {string} token
 * @param {Set<string> | null} changed the claims that the last refresh changed
 */
export function jwtCard(kind, token, changed) {
  const [title, text] = kind === 'id'
    ? ['ID token', 'Tells the app who signed in. It goes no further than the app.']
    : ['Access token', 'Goes to every API, as “Authorization: Bearer …”. The API checks it without asking anybody.'];
  return el('article', { className: 'card token-card' }, heading(title, text, token), raw(token),
    el('dl', { className: 'claims' }, ...sorted(claimsOf(token)).map(([claim, value]) => el('div', {},
      el('dt', {}, el('code', {}, claim), changed?.has(claim) ? el('mark', {}, 'new') : null),
      el('dd', {}, el('span', { className: 'value' }, shown(claim, value)), el('small', {}, meaning(claim)))))));
}

/**
 * The refresh token, which nobody but the server can read.
 * @param {string} token
 * @param {{ ends: number, rotates: boolean, renewed: boolean, born: number }} life
 */
export function refreshCard(token, { ends, rotates, renewed, born }) {
  const fact = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ text, isNew = false) =>
    el('div', {}, el('dt', {}, name, isNew ? el('mark', {}, 'new') : null), el('dd', {}, el('span', { className: 'value' }, value), el('small', {}, text)));
  return el('article', { className: 'card token-card' },
    heading('Refresh token', 'Goes to the token endpoint only, for new tokens. Keep it away from everybody else.', token), raw(token),
    el('dl', { className: 'claims' },
      fact('content', 'opaque', `${token.length} characters that mean something to the server alone. Do not parse it, do not count on its length.`, renewed),
      fact('ends', dateTime(ends), `${duration(ends - born)} after the sign-in. No refresh moves this end.`),
      fact('rotation', rotates ? 'on' : 'off', rotates
        ? 'Every refresh gives a new one. The one before is answered with the same successor for a few seconds; used later, it ends the session.'
        : 'The same one works until its end or until it is revoked. That is Cognito’s default.')));
}

/** @param {string} title @param {string} text @param {string} token */
function heading(title, text, token) {
  return el('header', {}, el('h3', {}, title), copyButton(() => token, `Copy the ${title}`), el('p', {}, text));
}

/** @param {string} token */
function raw(token) {
  const parts = token.split('.');
  const names = parts.length === 3 ? ['head', 'body', 'mark'] : ['body'];
  const code = el('code', {}, ...parts.flatMap((part, index) => [index ? '.' : null, el('span', { className: names[index] }, part)]));
  return el('p', { className: 'raw', tabIndex: 0, role: 'group', ariaLabel: 'The token as it travels' }, code);
}

/** @param {() => string} text @param {string} label */
export function copyButton(text, label) {
  const button = el('button', { type: 'button', className: 'copy', ariaLabel: label }, 'Copy');
  button.addEventListener('click', async () => {
    button.textContent = await navigator.clipboard.writeText(text()).then(() => 'Copied', () => 'Not allowed');
    setTimeout(() => { button.textContent = 'Copy'; }, 1500);
  });
  return button;
}
