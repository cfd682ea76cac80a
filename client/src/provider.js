// The OpenID provider over HTTP: discovery, the token and revocation endpoints, and the URLs that the browser is sent to.
import { request, SessionError } from './session.js';
/** @import { Claims, ProviderMetadata, TokenOptions } from './index.js' */
/** @import { Live } from './session.js' */

/** @typedef {Required<Omit<TokenOptions, 'metadata'>> & Pick<TokenOptions, 'metadata'>} Settings */
/** @typedef {{ state: string, nonce: string, verifier: string, returnTo: string }} Pending what must survive the way to the sign-in page and back */
/** @typedef {Omit<Live, 'born'>} Tokens */
/** @typedef {Claims & { iss?: string, aud?: string | string[], azp?: string, nonce?: string, exp: number, iat: number }} IdToken */

// User pools at Amazon; the second form is that of pools in several regions.
const amazon = /^https:\/\/(issuer-)?cognito-idp\.[^/]+\.amazonaws\.com(\.cn)?\//;

/** @param {ArrayBuffer | Uint8Array} bytes */
const base64url = bytes => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');

export const random = () => base64url(crypto.getRandomValues(new Uint8Array(32)));

/** @param {string} jwt @returns {IdToken} */
function claimsOf(jwt) {
  try {
    const bytes = Uint8Array.from(atob(jwt.split('.')[1].replace(/-/g, '+').replace(/_/g, '/')), byte => byte.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    // Without its cause, which would quote the token.
    throw new SessionError('id-token');
  }
}

/** @param {string} endpoint @param {Record<string, string | undefined>} query */
function withQuery(endpoint, query) {
  const url = new URL(endpoint);
  for (const [name, value] of Object.entries(query)) if (value) url.searchParams.set(name, value);
  return url.href;
}

/** @param {Settings} settings */
export function providerOf({ issuer, clientId: client_id, redirectUri: redirect_uri, logoutUri, scopes, timeout, metadata }) {
  /** @type {Promise<ProviderMetadata> | undefined} */
  let discovered;

  /** Asked once; a failure is not kept. */
  const discovery = () => discovered ??= discover().catch(error => {
    discovered = undefined;
    throw error;
  });

  async function discover() {
    const at = metadata ?? `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    /** @type {ProviderMetadata} */
    const found = typeof at === 'object' ? { ...at } : await call(at);
    // Discovery §4.3: a document that speaks for another issuer must not be used.
    if (found.issuer !== issuer) throw new SessionError('issuer-mismatch');
    // Amazon has listed these two at some times and not at others.
    if (amazon.test(issuer)) {
      found.revocation_endpoint ||= new URL('/oauth2/revoke', found.token_endpoint).href;
      found.end_session_endpoint ||= new URL('/logout', found.token_endpoint).href;
    }
    // RFC 9700 §2.6: whoever slips in another document must not make this page send a code in the clear, or go to a javascript: URL.
    const schemes = ['https:', (typeof at === 'object' ? at.token_endpoint : at).split('/')[0]];
    for (const [message, url] of Object.entries(/** @type {Record<string, any>} */ (found))) {
      if (/_endpoint$/.test(message) && url && !schemes.includes(url.split('/')[0])) throw new SessionError('options', { message });
    }
    return found;
  }

  /** @param {string} url @param {Record<string, string | undefined>} [form] */
  const call = (url, form) => request(url, timeout, {
    credentials: 'omit',
    // A revocation goes on while the page leaves.
    ...form && { method: 'POST', body: new URLSearchParams(/** @type {Record<string, string>} */ (form)), keepalive: 'token' in form },
  });

  /**
   * One request to the token endpoint, and the checks of OpenID Connect Core §3.1.3.7 and §12.2. The signature of the ID token is not
   * among them: it comes from the provider itself, over TLS.
   * @param {Record<string, string | undefined>} form
   * @param {string} [nonce]
   * @param {Live} [before]
   * @returns {Promise<Tokens>}
   */
  async function grant(form, nonce, before) {
    const from = Date.now();
    const { token_type, access_token: access, expires_in, refresh_token: refresh = before?.refresh, id_token } =
      await call((await discovery()).token_endpoint, { client_id, ...form });
    if (!access || !/^bearer$/i.test(token_type)) throw new SessionError('unavailable');
    const tokens = { from, life: 1000 * (expires_in || 300), access, refresh, id: id_token ?? before?.id, user: before?.user ?? {} };
    if (!id_token && (before || !scopes.includes('openid'))) return tokens;
    const user = claimsOf(id_token);
    if (user.iss !== issuer) throw new SessionError('issuer-mismatch');
    if (nonce && user.nonce !== nonce) throw new SessionError('nonce-mismatch');
    // The hour is that of the provider, in `iat`: this machine's clock may be far off.
    const valid = [user.aud].flat().includes(client_id) && (user.azp ?? client_id) === client_id && user.exp > user.iat
      && (before?.user.sub ?? user.sub) === user.sub;
    if (!valid) throw new SessionError('id-token');
    return { ...tokens, user };
  }

  return {
    /** @param {Pending} pending @param {Record<string, string>} [params] */
    async authorizationUrl({ state, nonce, verifier }, params) {
      return withQuery((await discovery()).authorization_endpoint, {
        ...params, response_type: 'code', client_id, redirect_uri, scope: scopes.join(' '), state, nonce,
        code_challenge: base64url(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))), code_challenge_method: 'S256',
      });
    },

    /** The answer of the authorization endpoint for tokens. @param {Record<string, string>} answer @param {Pending} pending */
    async redeem({ iss, error, error_description: message, code }, { nonce, verifier: code_verifier }) {
      // RFC 9207 §2.4, errors included: an answer of another provider is not used for anything.
      if (iss ? iss !== issuer : (await discovery()).authorization_response_iss_parameter_supported) throw new SessionError('issuer-mismatch');
      if (error) throw new SessionError('refused', { message, error });
      return grant({ grant_type: 'authorization_code', code, redirect_uri, code_verifier }, nonce);
    },

    /** New tokens for a session. @param {Live} live */
    refresh: live => grant({ grant_type: 'refresh_token', refresh_token: live.refresh }, undefined, live),

    /** RFC 7009. Where there is no refresh token, the access token is all that can be revoked. @param {Tokens} tokens */
    async revoke({ refresh, access }) {
      const { revocation_endpoint } = await discovery();
      if (revocation_endpoint) await call(revocation_endpoint, { client_id, token: refresh ?? access });
    },

    /** Where the browser's session at the provider is ended, if it can be. @param {string} [idToken] */
    async logoutUrl(idToken) {
      const { end_session_endpoint } = await discovery();
      return end_session_endpoint && withQuery(end_session_endpoint, {
        client_id, ...amazon.test(issuer) ? { logout_uri: logoutUri } : { post_logout_redirect_uri: logoutUri, id_token_hint: idToken },
      });
    },
  };
}
