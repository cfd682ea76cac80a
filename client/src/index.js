// The public surface. Everything else in this package may change with any release.
//   session         what every session has: user, events, errors, when to renew
//   token-session   tokens in the page: sign-in, rotation, sign-out, one refresh at a time across tabs
//   bff-session     the same API in front of a backend for frontends, with no refresh token in the page
//   provider        the OpenID provider over HTTP, tabs what the tabs of one session share
import { bffSession } from './bff-session.js';
import { tokenSession } from './token-session.js';

export { SessionError } from './session.js';

/**
 * Why a session ended. `idle` comes from a backend for frontends, or from a provider that says so.
 * @typedef {'expired' | 'revoked' | 'reuse' | 'signed-out' | 'idle'} EndReason
 */

/**
 * - `options`: createSession was given something that cannot work
 * - `return-to`: `returnTo` is not a path of this site
 * - `state-mismatch`: an answer arrived that this tab did not ask for
 * - `issuer-mismatch`: an answer, an ID token or a discovery document comes from another issuer
 * - `nonce-mismatch`: the ID token answers another sign-in
 * - `id-token`: the ID token is missing, expired, another client's or another user's
 * - `refused`: the provider said no; `error` has its code
 * - `unavailable`: nobody answered, or with 429 or 5xx; nobody is signed out by it. `retryAfter` has the seconds, if they were named
 * - `signed-out`: nobody is signed in; `reason` has why, if a session ended
 * @typedef {'options' | 'return-to' | 'state-mismatch' | 'issuer-mismatch' | 'nonce-mismatch' | 'id-token' | 'refused' | 'unavailable' | 'signed-out'} ErrorCode
 */

/**
 * The claims of the ID token; without the scope `openid` there are none.
 * @typedef {{ sub?: string, [claim: string]: unknown }} Claims
 */

/**
 * @typedef {object} SessionEvents
 * @property {{ user: Claims }} signed-in in this tab or in another
 * @property {{ user: Claims }} refreshed new tokens are there, fetched by this tab or by another
 * @property {{ reason: EndReason }} ended
 * @property {undefined} change after each of the others
 */

/**
 * @typedef {object} ProviderMetadata what a discovery document says (OpenID Connect Discovery §3)
 * @property {string} issuer
 * @property {string} authorization_endpoint
 * @property {string} token_endpoint
 * @property {string} [revocation_endpoint]
 * @property {string} [end_session_endpoint]
 * @property {boolean} [authorization_response_iss_parameter_supported]
 */

/**
 * @typedef {object} TokenOptions
 * @property {string} issuer as it stands in `iss`: `https://cognito-idp.<region>.amazonaws.com/<pool>`, `http://localhost:9229/<pool>`
 * @property {string} clientId a public client: code with PKCE, no secret
 * @property {string} [redirectUri] where the provider sends people back, letter by letter as registered. Default: the root of this site
 * @property {string} [logoutUri] where they land after sign-out, as registered. Default: `redirectUri`
 * @property {string[]} [scopes] Default: `['openid']`
 * @property {string[]} [origins] the only origins that `fetch` sends the access token to. Default: none
 * @property {'memory' | 'sessionStorage' | 'localStorage'} [storage] where tokens lie, the refresh token included. Every script of this origin can read
 *   either storage. Default: `memory`
 * @property {string | ProviderMetadata} [metadata] the discovery document, or its address where that is not below the issuer
 * @property {(path: string) => void} [navigate] goes back to where the user was, after the callback. Default: `history.replaceState`
 * @property {number} [timeout] seconds that one request to the provider may take; keep it below the grace of a rotating client. Default: 8
 */

/**
 * @typedef {object} BffOptions
 * @property {string} bff the path of the backend for frontends on this origin: `/bff`
 * @property {number} [timeout] seconds that one request to it may take. Default: 8
 */

/**
 * @typedef {object} SignInOptions
 * @property {string} [returnTo] a path of this site. Default: where the user is now
 * @property {Record<string, string>} [params] more for the authorization request: `prompt`, `login_hint`, `identity_provider`, `lang`
 */

/**
 * @typedef {object} SignOutOptions
 * @property {boolean} [everywhere] also ends the browser's session at the provider, and leaves for there. With false the next sign-in may ask nothing.
 *   Default: true. A backend for frontends decides by itself.
 */

/**
 * One sign-in, seen by every tab that has a session of the same issuer and client.
 * @typedef {object} Session
 * @property {Claims | null} user null while nobody is signed in
 * @property {EndReason | null} reason why the last session that this tab knew ended; null while one is alive
 * @property {() => Promise<Claims | null>} start takes the answer out of the address bar, restores what storage and other tabs have; once per page
 * @property {(options?: SignInOptions) => Promise<void>} signIn leaves for the sign-in page
 * @property {(options?: SignOutOptions) => Promise<void>} signOut ends the session in all tabs and revokes its tokens
 * @property {() => Promise<string>} getAccessToken one that is valid now; refreshes when needed
 * @property {() => Promise<void>} refresh new tokens now, whatever is left of the old
 * @property {typeof globalThis.fetch} fetch with the credential, where it may go; a 401 is answered by one refresh and one more try
 * @property {<Name extends keyof SessionEvents>(name: Name, listener: (event: SessionEvents[Name]) => void) => () => void} on gives what ends the subscription
 */

/**
 * A session whose tokens are in the page.
 * @overload @param {TokenOptions} options @returns {Session}
 */
/**
 * A session that a backend for frontends holds.
 * @overload @param {BffOptions} options @returns {Session}
 */
/** @param {TokenOptions | BffOptions} options @returns {Session} */
export function createSession(options) {
  return 'bff' in options ? bffSession(options) : tokenSession(options);
}
