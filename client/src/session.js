// What every session has, wherever its tokens are: a state with its events, a clock, and errors that say why not.
/** @import { Claims, EndReason, ErrorCode, SessionEvents } from './index.js' */

/**
 * @typedef {object} Live a session that has not ended
 * @property {Claims} user
 * @property {unknown} born tells this sign-in from another
 * @property {number} from when the access token was asked for, in milliseconds of this machine's clock
 * @property {number} life of the access token, in milliseconds
 * @property {string} access
 * @property {string} [refresh]
 * @property {string} [id]
 */

/** @typedef {{ version: number, live?: Live, reason?: EndReason }} SessionRecord of several, the highest version is the truth */

/** The one error that this package throws; `code` tells what happened. */
export class SessionError extends Error {
  /**
   * @param {ErrorCode} code
   * @param {{ message?: string, reason?: EndReason, error?: string, retryAfter?: number, cause?: unknown }} [details]
   */
  constructor(code, { message = code, reason, error, retryAfter, cause } = {}) {
    super(message, { cause });
    this.name = 'SessionError';
    this.code = code;
    this.reason = reason;
    this.error = error;
    this.retryAfter = retryAfter;
  }
}

/** @param {number} ms @returns {Promise<undefined>} */
export const pause = ms => new Promise(done => { setTimeout(done, ms); });

/**
 * One request for JSON; an empty body is an empty object. A portal's page and a reply that breaks off are nobody's answer.
 * @param {string} url @param {number} timeout in seconds @param {RequestInit} init
 */
export async function request(url, timeout, init) {
  const reply = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(1000 * timeout), ...init })
    .catch(cause => { throw new SessionError('unavailable', { cause }); });
  // The parser's error is dropped: it would quote the body, and tokens with it.
  const body = await reply.text().then(text => JSON.parse(text || '{}') ?? {}).catch(() => {});
  if (reply.ok && body) return body;
  const { status, headers } = reply, after = headers.get('retry-after') ?? '';
  const { reason, error, error_description: message = error ?? `status ${status}` } = body ?? {};
  // What a backend for frontends says of a session that has ended.
  if (reason !== undefined) throw new SessionError('signed-out', { reason: reason ?? 'expired' });
  throw new SessionError(body && status < 500 && ![408, 429].includes(status) ? 'refused' : 'unavailable', {
    message, error, retryAfter: Number(after) || Math.max(0, (Date.parse(after) - Date.now()) / 1000) || undefined,
  });
}

/**
 * A path of this site, where the user is if none is given, or an error. URL parsers drop tabs and line breaks and take a backslash for
 * a slash: `/\evil`, and `/./` before another slash, lead to other sites as `//evil` does.
 * @param {string} [text]
 */
export function localPath(text = location.pathname + location.search + location.hash) {
  if (/^\/(?![/\\])/.test(text) && !/[\0-\x1f\x7f]/.test(text)) {
    const { pathname, search, hash } = new URL(text, location.origin);
    if (!pathname.startsWith('//')) return pathname + search + hash;
  }
  throw new SessionError('return-to');
}

// Lifetimes count from the request, on this machine's clock: it does not matter what hour that clock shows, and sleep counts.
// An age below zero means that the clock was set back, and that nobody knows what is left.
/** @param {Live} live */
export function left({ from, life }) {
  const age = Date.now() - from;
  return age < 0 ? 0 : life - age;
}

/** How long before its end an access token is renewed when somebody asks for it. @param {Live} live */
export const margin = ({ life }) => Math.min(6e4, life / 5);

/**
 * @typedef {object} Kind what a kind of session does in its own way
 * @property {() => Promise<void>} begin finds out whether somebody is signed in
 * @property {() => Promise<void>} keepUp does so again, and renews what is about to expire
 * @property {(unwanted: string) => Promise<void>} renew gets an access token other than this one
 * @property {(live: Live) => number} due in how many milliseconds to keep up
 */

/** The part that both kinds have in common. @param {Kind} kind */
export function sessionOf({ begin, keepUp, renew, due }) {
  /** @type {SessionRecord} */
  let record = { version: 0 };
  /** @type {Set<readonly [string, (event: any) => void]>} */
  const listeners = new Set();
  /** @type {Promise<Claims | null> | undefined} */
  let started;
  /** @type {Promise<void> | undefined} */
  let renewing;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let failures = 0;

  // A timer stands still while the machine sleeps, and nearly so in a hidden tab: whenever somebody may be back, look at the clock.
  // Nobody watches a hidden tab; it renews when it is shown, or when it asks for a token.
  /** @param {unknown} [always] true for a tab that nobody watches as well */
  const wake = always => {
    if (always !== true && document.hidden) return;
    keepUp().then(() => plan(), ({ retryAfter = 0 }) =>
      plan(1000 * Math.max(retryAfter, Math.min(60, 2 ** failures++) * (1 + Math.random()))));
  };
  addEventListener('online', wake);
  document.addEventListener('visibilitychange', wake);

  /** @param {number} [delay] */
  function plan(delay) {
    clearTimeout(timer);
    if (record.live) timer = setTimeout(wake, Math.min(Math.max(delay ?? due(record.live), 1000), 1e9));
  }

  /** @param {string} name @param {object} event */
  function emit(name, event) {
    for (const [of, listener] of listeners) {
      // A listener that throws is reported as any event handler's fault, and the next is still told.
      try { if ([name, 'change'].includes(of)) listener(event); } catch (error) { reportError(error); }
    }
  }

  /** @param {SessionRecord} next is newer than what is known */
  function take(next) {
    const before = record.live, { live, reason } = record = next;
    failures = 0;
    plan();
    if (live) emit(before?.born === live.born ? 'refreshed' : 'signed-in', { user: live.user });
    else if (before) emit('ended', { reason });
  }

  /** The session, or the error that tells why there is none. */
  function must() {
    const { live, reason } = record;
    if (!live) throw new SessionError('signed-out', { reason });
    return live;
  }

  /** New tokens in place of this one; callers at the same time share one renewal. @param {string} unwanted */
  const renewOnce = unwanted => renewing ??= renew(unwanted).finally(() => { renewing = undefined; });

  const start = () => started ??= begin().then(() => session.user, error => {
    started = undefined;
    throw error;
  });

  // A wrong answer in the address bar is told to the caller of start; it says nothing about the session that may be there.
  const ready = () => start().catch(error => { if (error.code === 'unavailable') throw error; });

  const session = {
    get user() { return record.live?.user ?? null; },
    get reason() { return record.reason ?? null; },
    start,

    async getAccessToken() {
      await ready();
      const { live } = record;
      if (live && left(live) <= margin(live)) await renewOnce(live.access).catch(error => { if (left(must()) <= 0) throw error; });
      return must().access;
    },

    async refresh() {
      await ready();
      await renewOnce(must().access);
    },

    /**
     * @template {keyof SessionEvents} Name
     * @param {Name} name
     * @param {(event: SessionEvents[Name]) => void} listener
     */
    on(name, listener) {
      const entry = /** @type {const} */ ([name, listener]);
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
  };
  return { session, take, must, renewOnce, wake, known: () => record };
}
