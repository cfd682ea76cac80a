// What the tabs of one session share: a lock, a channel for what is new, and a mark that says how new the newest is.
import { pause } from './session.js';
/** @import { EndReason } from './index.js' */
/** @import { SessionRecord } from './session.js' */

// The channel tells tabs what the session is, but nothing orders its messages against the lock: a tab may hold the lock and not yet
// have heard of the refresh token that the holder before it was given. A transaction of IndexedDB is ordered. The mark holds no
// secret: the version of the newest record, whether that ended the session, and, once a refresh has begun, when one may be asked for again.
/** @typedef {{ version: number, reason?: EndReason, retryAt?: number }} Mark */

/** @typedef {{ begun: true } | { ask: number } | SessionRecord} Message a refresh begins; a tab that knows version `ask` asks for a newer record; or a record */

/** @returns {Promise<IDBDatabase>} */
const open = () => new Promise((done, fail) => {
  const request = indexedDB.open('poolhouse');
  request.onupgradeneeded = () => request.result.createObjectStore('marks');
  request.onsuccess = () => done(request.result);
  request.onerror = fail;
});

/** @param {string} name one per issuer and client @param {(message: Message) => void} receive */
export function tabsOf(name, receive) {
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }) => receive(data);

  /** @param {(mark: Mark) => Mark} change @returns {Promise<Mark>} */
  async function transact(change) {
    const database = await open();
    return new Promise((done, fail) => {
      const transaction = database.transaction('marks', 'readwrite'), marks = transaction.objectStore('marks'), read = marks.get(name);
      /** @type {Mark} */
      let mark;
      read.onsuccess = () => marks.put(mark = change(read.result ?? { version: 0 }), name);
      transaction.oncomplete = () => done(mark);
      transaction.onabort = fail;
    }).finally(() => database.close());
  }

  return {
    /** @param {Message} message */
    tell: message => channel.postMessage(message),

    /**
     * Runs alone among all tabs. The browser passes the lock on when a tab is closed in the middle. Where it has no locks, tabs race,
     * and the grace of the provider decides.
     * @param {() => Promise<void>} work @returns {Promise<void>}
     */
    exclusively: work => navigator.locks?.request(name, work) ?? work(),

    /**
     * Reads the mark, and replaces it by what `change` makes of it, in one transaction. Version 0 is that of no session. Undefined if
     * nobody knows: some browsers refuse in private windows, and some have been seen never to answer.
     * @param {(mark: Mark) => Mark} [change]
     */
    mark: (change = mark => mark) => Promise.race([transact(change).catch(() => undefined), pause(2000)]),
  };
}
