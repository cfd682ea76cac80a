// Words, times and elements. Text is never markup here.

/** An element with properties and children. @param {string} tag @param {object} [properties] @param {...(Node | string | null)} children */
export function el(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter(child => child !== null));
  return element;
}

/** @param {string} id @returns {any} */
export const byId = id => document.getElementById(id);

/** Why a session ended, for the person in front of the screen. */
export const reasons = /** @type {Record<string, string>} */ ({
  expired: 'Your session has reached its end.',
  revoked: 'Your session was revoked: signed out on all devices, or ended by an administrator.',
  reuse: 'Your session was ended to be safe: a copy of it has been used.',
  idle: 'Your session was ended because it was not used for a long time.',
  'signed-out': 'You have signed out.',
});

/** What went wrong with a sign-in, by the code of the error. */
export const problems = /** @type {Record<string, string>} */ ({
  unavailable: 'The sign-in service cannot be reached. Nobody was signed out; please try again in a moment.',
  refused: 'The sign-in was refused.',
  'state-mismatch': 'That was an answer to a sign-in which this tab did not begin, so it was not used.',
});

const two = (/** @type {number} */ number) => String(number).padStart(2, '0');

/** "59:42", "3 h 05 min", "29 days 23 h". @param {number} seconds */
export function countdown(seconds) {
  const rest = Math.max(0, Math.floor(seconds)), hours = Math.floor(rest / 3600);
  if (hours >= 48) return `${Math.floor(hours / 24)} days ${hours % 24} h`;
  return hours ? `${hours} h ${two(Math.floor(rest / 60) % 60)} min` : `${Math.floor(rest / 60)}:${two(rest % 60)}`;
}

/** @param {number} seconds since 1970 */
export const clock = seconds => new Date(seconds * 1000).toLocaleTimeString('en-GB');

/** @param {number} seconds since 1970 */
export const until = seconds => seconds - Date.now() / 1000 > 72_000
  ? new Date(seconds * 1000).toLocaleString('en-GB', { day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' }) : clock(seconds);

/** @param {string} day like 2026-12-01 */
export const dayName = day => new Date(`${day}T12:00`).toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'short' });
