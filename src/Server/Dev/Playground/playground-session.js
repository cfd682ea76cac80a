// The session of this page. Sign-in, callback, refresh, tabs and sign-out are the client package's, as in any app; what it keeps to itself
// on purpose, the playground overhears, as any script of a page can.
import { createSession } from './client/index.js';
import { call, form, overhear } from './playground-calls.js';

/** @typedef {import('./playground-calls.js').Exchange} Exchange */
/** @typedef {{ id?: string, access: string, refresh: string }} Tokens */

const partingKey = 'poolhouse.playground.parting';

/** What went wrong on the way back from the sign-in page. */
const problems = /** @type {Record<string, (error: any) => string>} */ ({
  'state-mismatch': () => 'An answer came back that this page did not ask for, so it was not used. Sign in again.',
  'issuer-mismatch': () => 'The answer came from another issuer and was not used.',
  refused: ({ message }) => `The sign-in was refused: ${message}`,
  unavailable: () => 'The server did not answer. Is it still running?',
});

export class Session {
  /** The newest tokens that this page has seen, also when they are worth nothing any more; and those before them. @type {Tokens | null} */
  tokens = null;
  /** @type {Tokens | null} */
  before = null;
  revoked = false;
  /** The last call of the token endpoint. @type {Exchange | undefined} */
  #exchange;
  #asked = false;

  /** @param {{ issuer: string, clientId: string, poolId: string, redirectUri: string, scopes: string[] }} config */
  constructor({ issuer, clientId, poolId, redirectUri, scopes }) {
    this.clientId = clientId;
    overhear(exchange => {
      if (exchange.path !== '/oauth2/token') return;
      this.#exchange = exchange;
      if (exchange.ok) this.#keep(exchange.body.id_token, exchange.body.access_token, exchange.body.refresh_token);
    });
    // Made before the package's own channel, so that what another tab tells is known here when the package reports it.
    new BroadcastChannel(`poolhouse ${issuer} ${clientId}`).onmessage = ({ data: { live } }) => { if (live) this.#keep(live.id, live.access, live.refresh); };
    this.session = createSession({
      issuer, clientId, redirectUri, scopes,
      // The issuer of a pool may be Amazon's; the document always lies here.
      metadata: `${location.origin}/${poolId}/.well-known/openid-configuration`,
    });
  }

  get signedIn() { return this.session.user !== null; }

  signIn() { return this.session.signIn(); }

  /**
   * What was there when the page was opened: an answer from the sign-in page, or the session of another tab.
   * @returns {Promise<{ problem?: string, exchange?: Exchange, signedIn: boolean }>}
   */
  start() {
    return this.session.start().then(() => ({ exchange: this.#exchange, signedIn: this.signedIn }),
      error => ({ problem: problems[error.code]?.(error) ?? `The tokens were not used: ${error.code}.`, exchange: this.#exchange, signedIn: this.signedIn }));
  }

  /**
   * New tokens, by the package: nothing is returned if another tab was faster. Once the package knows that the session has ended it asks
   * no more, and the dead token is shown to the server by hand.
   * @returns {Promise<Exchange | undefined>}
   */
  async refresh() {
    if (!this.signedIn) return form('/oauth2/token', { grant_type: 'refresh_token', client_id: this.clientId, refresh_token: this.tokens?.refresh ?? '' });
    this.#exchange = undefined;
    this.#asked = true;
    await this.session.refresh().catch(() => {}).finally(() => { this.#asked = false; });
    return this.#exchange;
  }

  /** By hand, as somebody else would do it: the package is not told, and finds out by itself. */
  async revoke() {
    const exchange = await form('/oauth2/revoke', { client_id: this.clientId, token: this.tokens?.refresh ?? '' });
    if (exchange.ok) this.revoked = true;
    return exchange;
  }

  /**
   * What the package does by itself, or another tab has done; and every end.
   * @param {{ renewed: (exchange?: Exchange) => void, joined: () => void, ended: (reason: string) => void }} told
   */
  on({ renewed, joined, ended }) {
    this.session.on('refreshed', () => { if (!this.#asked) renewed(this.#exchange?.body?.access_token === this.tokens?.access ? this.#exchange : undefined); });
    this.session.on('signed-in', joined);
    this.session.on('ended', ({ reason }) => {
      this.revoked = reason !== 'expired';
      ended(reason);
    });
  }

  /** Revokes what is alive, and leaves for /logout, which ends the browser's own session and comes back here. */
  signOut() {
    sessionStorage.setItem(partingKey, this.revoked ? 'revoked' : this.signedIn ? 'alive' : 'none');
    return this.session.signOut();
  }

  /** How the last sign-out found the tokens; told once. */
  parting() {
    const how = sessionStorage.getItem(partingKey);
    sessionStorage.removeItem(partingKey);
    return how;
  }

  /** @param {string | undefined} id @param {string} access @param {string | undefined} refresh */
  #keep(id, access, refresh) {
    if (access === this.tokens?.access) return;
    // Without rotation a refresh answers without a refresh token, and the one at hand goes on.
    this.before = this.tokens;
    this.tokens = { id: id ?? this.tokens?.id, access, refresh: refresh ?? this.tokens?.refresh ?? '' };
    this.revoked = false;
  }
}

/** Empties the server; only the dev server has this. */
export const reset = () => call('POST', '/dev/reset');
