// The session of this page: code with PKCE, refresh, revoke, sign out.
// THE CLIENT. The one place that the client package takes over; until then these are the bare calls.
import { call, form } from './playground-calls.js';

/** @typedef {import('./playground-calls.js').Exchange} Exchange */

// What has to survive the way to the sign-in page and back. Tokens never go here: a reload forgets them.
const pendingKey = 'poolhouse.playground.pending';
const partingKey = 'poolhouse.playground.parting';

/** @param {ArrayBuffer | Uint8Array} bytes */
const base64url = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

export class Session {
  /** @type {{ id?: string, access: string, refresh: string } | null} */
  tokens = null;
  revoked = false;

  /** @param {{ issuer: string, clientId: string, redirectUri: string, scopes: string[] }} config */
  constructor(config) { this.config = config; }

  /** Leaves for the sign-in page. */
  async signIn() {
    const { clientId, redirectUri, scopes } = this.config;
    const pending = { state: random(), verifier: random(), nonce: random() };
    sessionStorage.setItem(pendingKey, JSON.stringify(pending));
    const challenge = base64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(pending.verifier)));
    location.assign(`/oauth2/authorize?${new URLSearchParams({
      response_type: 'code', client_id: clientId, redirect_uri: redirectUri, scope: scopes.join(' '),
      state: pending.state, nonce: pending.nonce, code_challenge: challenge, code_challenge_method: 'S256',
    })}`);
  }

  /**
   * Back from the sign-in page: trades the code for tokens. Null when nobody comes back from there.
   * @returns {Promise<{ problem?: string, exchange?: Exchange } | null>}
   */
  async comeBack() {
    const query = new URLSearchParams(location.search);
    if (!query.has('code') && !query.has('error')) return null;
    // The code works once and for five minutes; it still has no business in the history.
    history.replaceState(null, '', location.pathname);
    const pending = JSON.parse(sessionStorage.getItem(pendingKey) ?? 'null');
    sessionStorage.removeItem(pendingKey);
    if (!pending || query.get('state') !== pending.state) return { problem: 'An answer came back that this page did not ask for, so it was not used. Sign in again.' };
    // RFC 9207: the answer must be this pool's.
    if (query.has('iss') && query.get('iss') !== this.config.issuer) return { problem: 'The answer came from another issuer and was not used.' };
    if (query.has('error')) return { problem: `The sign-in was refused: ${query.get('error_description') ?? query.get('error')}` };

    const exchange = await form('/oauth2/token', {
      grant_type: 'authorization_code', client_id: this.config.clientId, code: query.get('code') ?? '', code_verifier: pending.verifier, redirect_uri: this.config.redirectUri,
    });
    if (exchange.ok) this.#keep(exchange.body);
    return exchange.ok ? { exchange } : { exchange, problem: `The code was refused: ${exchange.body?.error ?? exchange.body}` };
  }

  async refresh() {
    const exchange = await form('/oauth2/token', { grant_type: 'refresh_token', client_id: this.config.clientId, refresh_token: this.tokens?.refresh ?? '' });
    if (exchange.ok) this.#keep(exchange.body);
    return exchange;
  }

  async revoke() {
    const exchange = await form('/oauth2/revoke', { client_id: this.config.clientId, token: this.tokens?.refresh ?? '' });
    if (exchange.ok) this.revoked = true;
    return exchange;
  }

  /** Leaves for /logout, which ends the browser's own session and comes back here. */
  signOut() {
    sessionStorage.setItem(partingKey, this.revoked ? 'revoked' : this.tokens ? 'alive' : 'none');
    location.assign(`/logout?${new URLSearchParams({ client_id: this.config.clientId, logout_uri: this.config.redirectUri })}`);
  }

  /** How the last sign-out left the tokens; told once. */
  parting() {
    const how = sessionStorage.getItem(partingKey);
    sessionStorage.removeItem(partingKey);
    return how;
  }

  /** @param {any} reply */
  #keep(reply) {
    // Without rotation a refresh answers without a refresh token, and the one at hand goes on.
    this.tokens = { id: reply.id_token ?? this.tokens?.id, access: reply.access_token, refresh: reply.refresh_token ?? this.tokens?.refresh ?? '' };
    this.revoked = false;
  }
}

/** Empties the server; only the dev server has this. */
export const reset = () => call('POST', '/dev/reset');
