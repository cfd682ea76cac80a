// The calls of this page, each kept with what was sent and what came back, so that it can be shown.

/**
 * @typedef {object} Exchange one call and its reply
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} sent
 * @property {number} status 0 when nothing came back
 * @property {boolean} ok
 * @property {any} body
 * @property {string | null} challenge the WWW-Authenticate header
 * @property {number} ms
 */

const silence = 'The server did not answer. Is it still running?';

/**
 * @param {string} method
 * @param {string} path
 * @param {{ headers?: Record<string, string>, body?: BodyInit, sent?: Record<string, string> }} [request]
 * @returns {Promise<Exchange>}
 */
export async function call(method, path, { headers = {}, body, sent = headers } = {}) {
  const started = performance.now();
  const exchange = { method, path, sent, status: 0, ok: false, body: /** @type {any} */ (null), challenge: /** @type {string | null} */ (null), ms: 0 };
  try {
    const reply = await fetch(path, { method, headers, body, cache: 'no-store', credentials: 'omit' });
    const text = await reply.text();
    Object.assign(exchange, { status: reply.status, ok: reply.ok, body: parsed(text), challenge: reply.headers.get('www-authenticate') });
  } catch {
    exchange.body = silence;
  }
  exchange.ms = Math.round(performance.now() - started);
  return exchange;
}

/**
 * Tells of the calls that others make in this page, such as the client package: each before whoever made it sees the reply. Every script of
 * a page can do so, and read the tokens in them.
 * @param {(exchange: Exchange) => void} told
 */
export function overhear(told) {
  const plain = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const started = performance.now(), method = init?.method ?? 'GET', { pathname: path } = new URL(String(input), location.href);
    const sent = init?.body instanceof URLSearchParams ? Object.fromEntries(init.body) : {};
    const tell = (/** @type {object} */ reply) => told({ method, path, sent, status: 0, ok: false, body: silence, challenge: null, ...reply, ms: Math.round(performance.now() - started) });
    const reply = await plain(input, init).catch(error => {
      tell({});
      throw error;
    });
    tell({ status: reply.status, ok: reply.ok, body: parsed(await reply.clone().text()) });
    return reply;
  };
}

/** A form-urlencoded POST. @param {string} path @param {Record<string, string>} fields */
export const form = (path, fields) => call('POST', path, { body: new URLSearchParams(fields), sent: fields });

/** A GET with an access token. @param {string} path @param {string} token */
export const bearer = (path, token) => call('GET', path, { headers: { Authorization: `Bearer ${token}` } });

/**
 * An operation of the JSON API. Administrators sign their calls; the dev server takes any well-formed signature.
 * @param {string} region
 * @param {string} operation
 * @param {object} input
 */
export function operation(region, operation, input) {
  const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
  return call('POST', '/', {
    body: JSON.stringify(input),
    sent: { operation, ...Object.fromEntries(Object.entries(input).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)])) },
    headers: {
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': `AWSCognitoIdentityProviderService.${operation}`,
      'X-Amz-Date': time,
      Authorization: `AWS4-HMAC-SHA256 Credential=AKIAPLAYGROUND/${time.slice(0, 8)}/${region}/cognito-idp/aws4_request, `
        + `SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=${'0'.repeat(64)}`,
    },
  });
}

/** @param {string} text */
function parsed(text) {
  try { return text ? JSON.parse(text) : null; } catch { return text; }
}
