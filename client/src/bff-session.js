// A session that a backend for frontends holds. The page has a cookie that no script can read, and no refresh token.
import { localPath, request, sessionOf } from './session.js';
/** @import { BffOptions, Claims, EndReason, Session } from './index.js' */
/** @import { Live } from './session.js' */

/** @typedef {{ signedIn: boolean, claims: Claims, accessToken: string, expiresIn: number, reason?: EndReason }} Answer */

/** @param {BffOptions} options @returns {Session} */
export function bffSession({ bff, timeout = 8 }) {
  const path = localPath(bff);
  const { session, take, must, known } = sessionOf({ begin: keepUp, keepUp, renew, due: () => ends - Date.now() });
  const channel = new BroadcastChannel(`poolhouse ${path}`);
  channel.onmessage = ({ data }) => set(undefined, data);
  let ends = 0;

  /** @param {Live} [live] @param {EndReason} [reason] */
  function set(live, reason) {
    if (live || session.user) take({ version: known().version + 1, live, reason });
  }

  /** @param {EndReason} reason */
  function end(reason) {
    set(undefined, reason);
    channel.postMessage(reason);
  }

  /** @param {string} method @param {string} what @returns {Promise<Answer>} */
  const call = (method, what) => request(`${path}/${what}`, timeout, { method, headers: { 'X-Bff': '1' }, cache: 'no-store' });

  async function keepUp() {
    const { signedIn, claims: user, expiresIn, reason } = await call('GET', 'session');
    ends = Date.now() + 1000 * (expiresIn || 300);
    if (!signedIn) set(undefined, reason ?? 'expired');
    else if (JSON.stringify(session.user) !== JSON.stringify(user)) set({ from: 0, life: 0, access: '', user, born: user.sub ?? '' });
  }

  async function renew() {
    const from = Date.now();
    const { accessToken: access, expiresIn } = await call('POST', 'token').catch(error => {
      if (error.code === 'signed-out') end(error.reason);
      throw error;
    });
    set({ ...must(), access, from, life: 1000 * expiresIn });
  }

  /** @param {string} to @param {string} returnUrl */
  const leave = (to, returnUrl) => location.assign(`${path}/${to}?returnUrl=${encodeURIComponent(returnUrl)}`);

  return Object.assign(session, /** @type {Pick<Session, 'signIn' | 'signOut' | 'fetch'>} */ ({
    async signIn({ returnTo } = {}) { leave('login', localPath(returnTo)); },

    async signOut() {
      end('signed-out');
      leave('logout', '/');
    },

    async fetch(input, init) {
      const own = new Request(input, init);
      if (new URL(own.url).origin !== location.origin) return fetch(own);
      // No page of another site can send this header; it and the cookie go to this origin only.
      own.headers.set('X-Bff', '1');
      const reply = await fetch(own, { credentials: 'same-origin' });
      // The session has ended, or the API behind refuses this user: the Bff knows.
      if (reply.status === 401) await keepUp().catch(() => {});
      return reply;
    },
  }));
}
