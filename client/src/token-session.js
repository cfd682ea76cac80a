// A session whose tokens are in the page, in all tabs at once.
//
// The session is a register that all tabs share: a record with a version, of which the highest is the truth. Who writes takes the next
// version by compare-and-set in the mark (tabs.js); who loses throws its own result away. So a sign-out beats the refresh that was on
// its way, and no tab uses a refresh token after another was given its successor, unless that tab took it to its grave.
import { providerOf, random } from './provider.js';
import { left, localPath, margin, pause, SessionError, sessionOf } from './session.js';
import { tabsOf } from './tabs.js';
/** @import { EndReason, Session, TokenOptions } from './index.js' */
/** @import { Pending, Settings } from './provider.js' */
/** @import { Live, SessionRecord } from './session.js' */
/** @import { Mark, Message } from './tabs.js' */

// RFC 6749 has one code for all ends; the words are Poolhouse's, Amazon's and, for reuse, Keycloak's.
/** @param {string} words @returns {EndReason} */
const reasonOf = words => /used already|reuse/i.test(words) ? 'reuse' : /idle|inactiv/i.test(words) ? 'idle' : /expired/i.test(words) ? 'expired' : 'revoked';

/** @param {string} url */
function originOf(url) {
  const { origin, href } = new URL(url);
  // Whoever writes a path here believes that it limits something.
  if (href !== `${origin}/`) throw new SessionError('options', { message: url });
  return origin;
}

/** @param {TokenOptions} options @returns {Session} */
export function tokenSession({ redirectUri = `${location.origin}/`, ...options }) {
  /** @type {Settings} */
  const settings = {
    redirectUri, logoutUri: redirectUri, scopes: ['openid'], origins: [], storage: 'memory', timeout: 8,
    navigate: path => history.replaceState(history.state, '', location.origin + path), ...options,
  };
  const where = settings.storage, origins = settings.origins.map(originOf);
  const storage = where === 'memory' ? undefined : window[where];
  const name = `poolhouse ${settings.issuer} ${settings.clientId}`, pendingName = name + ' pending';
  const provider = providerOf(settings);
  const tabs = tabsOf(name, hear);
  const { session, take, must, renewOnce, wake, known } = sessionOf({
    begin, keepUp, renew,
    // Somewhere in the time before `margin`, so that tabs do not all start at once; the first one does it for all.
    due: live => left(live) - margin(live) * (1 + Math.random()),
  });
  // The token that was fetched because an API refused the one before: if it is refused too, another will not help.
  let lastHope = '';

  /** @param {Message} message */
  function hear(message) {
    // Whoever begins a refresh may be closed in the middle: if it has not come to an end soon, another tab asks again, within the grace.
    if ('begun' in message) setTimeout(wake, 1000 * (1 + Math.random()), true);
    // Local storage is written by the tab that has the lock: a slow one would put an older record over a newer.
    else if (!('ask' in message)) adopt(message, where !== 'localStorage');
    else if (known().version > message.ask) tabs.tell(known());
  }

  /** Takes a record for the truth, if it is newer than what is known. @param {SessionRecord} record @param {boolean} [keep] */
  function adopt(record, keep) {
    if (record.version <= known().version) return;
    if (!record.live) delete storage?.[name];
    else if (keep && storage) storage[name] = JSON.stringify(record);
    take(record);
  }

  /**
   * Learns the newest record: from the mark how new that is, then from storage and the other tabs what it says.
   * @param {number} [patience] in milliseconds, with the other tabs: long where an outdated refresh token must not be used
   */
  async function sync(patience = 2000) {
    const stored = storage?.[name];
    if (stored) adopt(JSON.parse(stored));
    const mark = await tabs.mark();
    const { version = Infinity, reason } = mark ?? {};
    if (known().version < version) {
      if (reason) hear({ version, reason });
      else await new Promise(done => {
        const off = session.on('change', () => { if (known().version >= version) done(off()); });
        setTimeout(() => done(off()), patience);
        tabs.tell({ ask: known().version });
      });
    }
    return mark;
  }

  /**
   * Writes the register, and gives the version written; 0 if another tab was faster.
   * @param {Omit<SessionRecord, 'version'>} next @param {Mark} [expected] what it is to take the place of; anything, if not given
   */
  async function write({ live, reason }, expected) {
    let version = Math.max(Date.now(), known().version + 1);
    await tabs.mark(mark => {
      version = expected && expected.version !== mark.version ? 0 : Math.max(version, mark.version + 1);
      return version ? { version, reason } : mark;
    });
    if (version) {
      const next = { version, live: live && { ...live, born: live.born || version }, reason };
      tabs.tell(next);
      adopt(next, true);
    }
    return version;
  }

  /** What the provider sent the browser back with. The code leaves the address bar before anything else happens. */
  function takeAnswer() {
    const { origin, pathname } = new URL(redirectUri), answer = Object.fromEntries(new URLSearchParams(location.search));
    if (origin !== location.origin || pathname !== location.pathname || !answer.state || !(answer.code || answer.error)) return;
    history.replaceState(history.state, '', redirectUri);
    return answer;
  }

  /** @param {Record<string, string>} answer */
  async function finish(answer) {
    /** @type {Pending | null} */
    const pending = JSON.parse(sessionStorage[pendingName] ?? 'null');
    // RFC 9700 §4.7: an answer to a request that this tab did not make would sign the user in as somebody else.
    if (pending?.state !== answer.state) throw new SessionError('state-mismatch');
    delete sessionStorage[pendingName];
    await write({ live: { ...await provider.redeem(answer, pending), born: 0 } });
    settings.navigate(localPath(pending.returnTo));
  }

  async function begin() {
    const answer = takeAnswer(), restore = () => keepUp(300).catch(() => {}).then(() => wake(true));
    // Who was signed in before a forged answer still is.
    return answer ? finish(answer).catch(error => restore().then(() => { throw error; })) : restore();
  }

  /** @param {number} [patience] of a page that opens */
  async function keepUp(patience) {
    const mark = await sync(patience), { live } = known();
    // Where a refresh was begun and not concluded, the refresh token may be spent: it is of use for the grace only, whatever the access
    // token still has. A page that opens does not wait for that.
    if (live && (left(live) <= 2 * margin(live) || !patience && mark?.retryAt)) await renewOnce(live.access);
  }

  /** @param {string} unwanted @returns {Promise<void>} */
  function renew(unwanted) {
    return tabs.exclusively(async () => {
      const mark = await sync();
      const live = must();
      // Another tab was here before.
      if (live.access !== unwanted && left(live) > margin(live)) return;
      const retryAfter = ((mark?.retryAt ?? 0) - Date.now()) / 1000;
      if (retryAfter > 0) throw new SessionError('unavailable', { retryAfter });
      if (live.refresh) await spend(live, mark);
      else if (left(live) <= 0) await write({ reason: 'expired' }, mark);
    });
  }

  /** Notes that the refresh token may be spent, and when it may be presented again. @param {number} seconds from now */
  const begun = seconds => tabs.mark(mark => ({ ...mark, retryAt: Date.now() + 1000 * seconds }));

  /**
   * Presents the refresh token; holds the lock. A reply that got lost is asked for again at once: a provider that rotates gives the
   * same successor for some seconds only, and only while nobody has gone past it.
   * @param {Live} live @param {Mark} [mark] how the register was when the lock was taken @param {number} [tries] @returns {Promise<void>}
   */
  async function spend(live, mark, tries = 2) {
    await begun(0);
    tabs.tell({ begun: true });
    const tokens = await provider.refresh(live).catch(async error => {
      // RFC 6749 §5.2: nothing but this means that the refresh token is dead.
      if (error.code === 'refused' && error.error === 'invalid_grant') await write({ reason: reasonOf(error.message) }, mark);
      else if (tries && error.code === 'unavailable' && !error.retryAfter) await pause(1000 * (1 + Math.random()) / tries);
      else {
        // The other tabs, which wait for the lock, must not ask one after the other what has just been refused.
        await begun(error.retryAfter ?? 1);
        wake(true);
        throw error;
      }
    });
    if (tokens) {
      if (await write({ live: { ...live, ...tokens } }, mark)) return;
    } else if (known().live === live) return spend(live, mark, tries - 1);
    await sync();
    // Signed out while the request was on its way: what came back must not live on.
    if (tokens && !known().live) provider.revoke(tokens).catch(() => {});
    must();
  }

  return Object.assign(session, /** @type {Pick<Session, 'signIn' | 'signOut' | 'fetch'>} */ ({
    async signIn({ returnTo, params } = {}) {
      const pending = { state: random(), nonce: random(), verifier: random(), returnTo: localPath(returnTo) };
      const url = await provider.authorizationUrl(pending, params);
      // Of this tab only, and no token: the verifier is of use with the code alone, and the code with the verifier alone.
      sessionStorage[pendingName] = JSON.stringify(pending);
      location.assign(url);
    },

    async signOut({ everywhere = true } = {}) {
      await session.start().catch(() => {});
      const { live } = known();
      // Here first, and in all tabs: nobody stays signed in because the network is away.
      await write({ reason: 'signed-out' });
      const failed = live && await provider.revoke(live).catch(error => error);
      const url = everywhere && await provider.logoutUrl(live?.id);
      if (url) location.assign(url); else if (failed) throw failed;
    },

    async fetch(input, init) {
      const request = input instanceof Request ? input : undefined;
      const { origin } = new URL(request?.url ?? /** @type {string} */ (input), document.baseURI);
      const token = origins.includes(origin) && await session.getAccessToken().catch(error => {
        // Whoever is not signed in asks without a token, and the API decides.
        if (error.code !== 'signed-out') throw error;
      });
      if (!token) return fetch(input, init);
      const headers = new Headers(init?.headers ?? request?.headers);
      // Browsers take the header off when a redirect leaves the origin.
      const send = (/** @type {string} */ access) => {
        headers.set('Authorization', `Bearer ${access}`);
        return fetch(input, { ...init, headers });
      };
      const reply = await send(token);
      if (reply.status !== 401 || token === lastHope) return reply;
      await renewOnce(token).catch(() => {});
      const access = known().live?.access;
      if (!access || access === token) return reply;
      lastHope = access;
      // A stream has been consumed: the caller gets the 401, and the next call has the new token.
      if (init?.body ? init.body instanceof ReadableStream : request && !/^(GET|HEAD)$/.test(request.method)) return reply;
      reply.body?.cancel();
      return send(access);
    },
  }));
}
