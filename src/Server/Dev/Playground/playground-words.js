// Words and elements: spans of time as people say them, what each claim means, and text that is never markup.

/**
 * An element with properties and children. Text becomes text, whatever it holds.
 * @param {string} tag
 * @param {Record<string, unknown>} [properties]
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElement}
 */
export function el(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

/** @param {string} id @returns {any} */
export const byId = id => document.getElementById(id);

const steps = /** @type {const} */ ([['year', 31536000], ['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]]);

/** "1 hour", "5 minutes", "1 day 6 hours". @param {number} seconds */
export function duration(seconds) {
  let rest = Math.max(0, Math.round(seconds));
  const parts = [];
  for (const [unit, size] of steps) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`);
    if (parts.length === 2) break;
  }
  return parts.join(' ') || '0 seconds';
}

/** "59:42", "23:59:42", "29 d 23:59:42". @param {number} seconds */
export function countdown(seconds) {
  const rest = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ number) => String(number).padStart(2, '0');
  const [days, hours, minutes] = [Math.floor(rest / 86400), Math.floor(rest / 3600) % 24, Math.floor(rest / 60) % 60];
  const clock = `${two(minutes)}:${two(rest % 60)}`;
  return days ? `${days} d ${two(hours)}:${clock}` : hours ? `${hours}:${clock}` : clock;
}

/** @param {number} seconds since 1970 */
export const clockTime = seconds => new Date(seconds * 1000).toLocaleTimeString('en-GB');

/** @param {number} seconds since 1970 */
export const dateTime = seconds => new Date(seconds * 1000).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });

const meanings = /** @type {Record<string, string>} */ ({
  sub: 'The user, for ever. Key your data by this one.',
  iss: 'The pool that issued the token. Its keys are under this address.',
  aud: 'The app client for which the token was made.',
  client_id: 'The app client for which the token was made.',
  token_use: 'Which kind of token this is. An API takes “access” and nothing else.',
  scope: 'What the app may do, separated by spaces.',
  auth_time: 'When the user signed in. A refresh does not change it.',
  iat: 'When this token was issued.',
  exp: 'When it ends. After this second everybody refuses it.',
  jti: 'The name of this one token. Every refresh gives another.',
  origin_jti: 'The session that this token comes from. Revoking ends all that carry it.',
  event_id: 'The sign-in from which everything here descends.',
  version: 'The form of the token: 2 comes from the hosted pages.',
  username: 'The name with which the user signs in.',
  'cognito:username': 'The name with which the user signs in.',
  'cognito:groups': 'The groups of the user, as of the last refresh.',
  'cognito:roles': 'The roles of those groups.',
  'cognito:preferred_role': 'The role of the group that comes first.',
  nonce: 'What this page made up before the sign-in, to know its own answer.',
  at_hash: 'Ties this ID token to the access token that came with it.',
  email: 'The e-mail address, as of the last refresh.',
  email_verified: 'Whether the user has proved to own that address.',
  phone_number: 'The telephone number, as of the last refresh.',
  phone_number_verified: 'Whether the user has proved to own that number.',
  name: 'The full name, as of the last refresh.',
  device_key: 'The device that the pool remembers.',
});

/** One plain sentence on a claim. @param {string} claim */
export const meaning = claim => meanings[claim]
  ?? (claim.startsWith('custom:') ? 'An attribute that this pool defines; always text.' : 'An attribute of the user, as of the last refresh.');

const times = new Set(['iat', 'exp', 'auth_time', 'nbf']);

/** A claim's value for people. @param {string} claim @param {unknown} value */
export const shown = (claim, value) => typeof value === 'number' && times.has(claim)
  ? `${value} · ${dateTime(value)}`
  : typeof value === 'string' ? value : JSON.stringify(value);
