// Four who are shown a token, and what each of them says. Every answer comes from a call made at that moment.
import { bearer, call } from './playground-calls.js';
import { claimsOf, headerOf } from './playground-tokens.js';
import { clockTime } from './playground-words.js';

/**
 * @typedef {object} Verdict
 * @property {'passes' | 'refuses' | 'unknown'} says
 * @property {string} short
 * @property {string} why
 * @property {import('./playground-calls.js').Exchange} [exchange]
 */

export const askers = /** @type {const} */ ([
  ['signature', 'An API that only checks the signature', 'Looks at the token and the published keys. Done in this page with Web Crypto.'],
  ['sample', 'An API that checks revocation', 'The sample API of this server, behind the guard: GET /dev/sample.'],
  ['userinfo', 'userInfo', 'Asks the pool who the token belongs to: GET /oauth2/userInfo.'],
  ['refresh', 'The token endpoint', 'Takes the refresh token and gives new tokens: POST /oauth2/token.'],
]);

/** @param {string} text */
const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), character => character.charCodeAt(0));

/**
 * What most APIs do: signature, issuer, expiry, kind. Nobody is asked but the key set.
 * @param {string} token
 * @param {string} issuer
 * @param {string} poolId
 * @returns {Promise<Verdict>}
 */
export async function signature(token, issuer, poolId) {
  const exchange = await call('GET', `/${encodeURIComponent(poolId)}/.well-known/jwks.json`);
  const key = exchange.body?.keys?.find((/** @type {any} */ one) => one.kid === headerOf(token).kid);
  if (!key) return { says: 'refuses', short: 'Refuses', why: 'The key that signed the token is not published.', exchange };
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const [head, payload, mark] = token.split('.');
  const genuine = await crypto.subtle.verify(algorithm, await crypto.subtle.importKey('jwk', key, algorithm, false, ['verify']),
    bytes(mark), new TextEncoder().encode(`${head}.${payload}`));
  const claims = claimsOf(token);
  if (!genuine) return { says: 'refuses', short: 'Refuses', why: 'The signature is wrong.', exchange };
  if (claims.iss !== issuer || claims.token_use !== 'access') return { says: 'refuses', short: 'Refuses', why: 'It is no access token of this pool.', exchange };
  if (claims.exp <= Date.now() / 1000) return { says: 'refuses', short: 'Refuses', why: `It ended at ${clockTime(claims.exp)}.`, exchange };
  return { says: 'passes', short: `Passes until ${clockTime(claims.exp)}`, why: 'Signature, issuer and expiry are right. That is all it can see.', exchange };
}

/** @param {string} token @returns {Promise<Verdict>} */
export async function sample(token) {
  const exchange = await bearer('/dev/sample', token);
  if (exchange.ok) return { says: 'passes', short: 'Lets you in', why: `${exchange.body.message} No call to the pool: the guard holds what is revoked, proven ${exchange.body.revocationLag} ms ago.`, exchange };
  return { says: 'refuses', short: `Refuses with ${exchange.status}`, why: exchange.body?.reason ?? String(exchange.body), exchange };
}

/**
 * Calls the sample API until it refuses, right after a revocation: how long the news took, and how many calls still passed.
 * @param {string} token
 * @returns {Promise<{ verdict: Verdict, passed: number, ms: number }>}
 */
export async function untilRefused(token) {
  const started = performance.now();
  for (let passed = 0; ; passed++) {
    const verdict = await sample(token);
    const ms = Math.round(performance.now() - started);
    if (verdict.says !== 'passes' || ms > 2000) return { verdict, passed, ms };
  }
}

/** @param {string} token @returns {Promise<Verdict>} */
export async function userinfo(token) {
  const exchange = await bearer('/oauth2/userInfo', token);
  if (exchange.ok) return { says: 'passes', short: 'Answers', why: `It says: ${exchange.body.username}${exchange.body.email ? `, ${exchange.body.email}` : ''}.`, exchange };
  return { says: 'refuses', short: `Refuses with ${exchange.status}`, why: exchange.body?.error_description ?? exchange.body?.error ?? String(exchange.body), exchange };
}

/** What a refresh said. @param {import('./playground-calls.js').Exchange} exchange @returns {Verdict} */
export function refreshVerdict(exchange) {
  if (exchange.ok) return { says: 'passes', short: 'Gives new tokens', why: exchange.body.refresh_token ? 'With a new refresh token, since rotation is on.' : 'The refresh token stays the same.', exchange };
  return { says: 'refuses', short: `Refuses with ${exchange.status}`, why: exchange.body?.error_description ?? exchange.body?.error ?? String(exchange.body), exchange };
}
