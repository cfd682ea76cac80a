// Checks the access tokens of one user pool in memory, and refuses those of sessions that have ended: no network call for a request.
import { createRemoteJWKSet, errors, jwtVerify } from 'jose';
import { setTimeout as pause } from 'node:timers/promises';

const KINDS = { 1: 'session', 2: 'client', 3: 'pool' };
const FRESH = 3_000;           // a heartbeat comes every second
const SILENCE = 10_000;        // a connection without a byte for so long is dead

/** Why a request is refused. 401: the token is not good. 503: nobody can say now, and the caller must not drop its session. */
export class Refused extends Error {
  constructor(status, message) { super(message); this.status = status; }
}

/** The feed cannot go on from where we stand: a snapshot is needed. */
class Gap extends Error {}

export class Guard {
  #revoked = new Map();        // 'session:<id>', 'client:<id>', 'pool:<id>' → when it may be forgotten, in unix seconds
  #position;                   // 'epoch:seq' of the last entry that is in the map
  #provenAt = -Infinity;       // when the last heartbeat came, by a clock that nobody sets
  #stopping = new AbortController();

  /** issuer: the `iss` of the tokens; url: the pool's, if it is another; token: for reading the feed, not needed with `poolhouse dev`. */
  constructor({ issuer, clientIds, url = issuer, token = async () => undefined, blindAfter = 60_000 }) {
    Object.assign(this, { issuer, clientIds, url, token, blindAfter, poolId: issuer.split('/').at(-1) });
    this.keys = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`), { cacheMaxAge: Infinity });   // again for an unknown kid only
    this.timer = setInterval(() => this.#forget(), 60_000).unref();
    this.following = this.#follow();
  }

  /** The claims of a good token, and whether the news is old; throws Refused. */
  async check(jwt) {
    const claims = await this.#verify(jwt);
    if (['session', 'client', 'pool'].some(kind => this.#revoked.has(`${kind}:${this.#named(kind, claims)}`))) throw new Refused(401, 'the session has ended');
    const lag = performance.now() - this.#provenAt;
    if (lag > this.blindAfter) throw new Refused(503, 'revocations are not known');
    return { claims, stale: lag > FRESH };
  }

  stop() {
    clearInterval(this.timer);
    this.#stopping.abort();
    return this.following;
  }

  #named = (kind, claims) => kind === 'session' ? claims.origin_jti ?? claims.event_id : kind === 'client' ? claims.client_id : this.poolId;

  async #verify(jwt) {
    const { payload } = await jwtVerify(jwt, this.keys, { issuer: this.issuer, algorithms: ['RS256'], requiredClaims: ['exp'] }).catch(problem => {
      const aboutKeys = !(problem instanceof errors.JOSEError) || ['ERR_JOSE_GENERIC', 'ERR_JWKS_TIMEOUT', 'ERR_JWKS_INVALID'].includes(problem.code);
      throw aboutKeys ? new Refused(503, 'the keys cannot be read') : new Refused(401, 'the token is not valid');
    });
    if (payload.token_use !== 'access' || !this.clientIds.includes(payload.client_id)) throw new Refused(401, 'the token is not for this API');
    return payload;
  }

  async #follow() {
    for (let failures = 0; !this.#stopping.signal.aborted;) {
      try {
        this.#position ??= await this.#snapshot();
        await this.#stream(() => { failures = 0; });       // it ends by itself when the server stops
      } catch (problem) {
        if (problem instanceof Gap) this.#position = undefined;
        failures++;
      }
      // Everybody lost the same server at the same moment, and must not come back at the same one.
      await pause(Math.random() * Math.min(5_000, 200 * 2 ** failures), null, { signal: this.#stopping.signal }).catch(() => {});
    }
  }

  async #get(path, signal) {
    const token = await this.token();
    const reply = await fetch(`${this.url}/revocations/${path}`, {
      headers: token ? { authorization: `Bearer ${token}` } : {}, signal: AbortSignal.any([signal, this.#stopping.signal]),
    });
    if (reply.status === 410) throw new Gap();
    if (!reply.ok) throw new Error(`${path}: ${reply.status}`);
    return reply;
  }

  /** Everything that still counts, added to what is known: nothing is dropped, whatever the server has forgotten. */
  async #snapshot() {
    const bytes = Buffer.from(await (await this.#get('snapshot', AbortSignal.timeout(60_000))).arrayBuffer());
    if (bytes.toString('latin1', 0, 4) !== 'PHRS' || bytes[4] !== 1) throw new Error('a snapshot of another version');
    const entries = [];
    let at = 37;
    for (let kind; (kind = bytes.readUInt8(at)) !== 0;) {  // reading past the end throws: a part is not taken for the whole
      if (!KINDS[kind]) throw new Error('a damaged snapshot');
      const [start, length] = kind === 1 ? [at + 1, 16] : [at + 2, bytes.readUInt8(at + 1)];
      const value = kind === 1
        ? bytes.toString('hex', start, start + 16).replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, '$1-$2-$3-$4-$5')
        : bytes.toString('utf8', start, start + length);
      entries.push([`${KINDS[kind]}:${value}`, bytes.readUInt32BE(start + length)]);
      at = start + length + 4;
    }
    if (bytes.readBigUInt64BE(at + 1) !== BigInt(entries.length)) throw new Error('a snapshot that has lost entries');
    for (const [key, keepUntil] of entries) this.#revoked.set(key, keepUntil);
    return `${bytes.toString('hex', 5, 21)}:${bytes.readBigUInt64BE(21)}`;
  }

  async #stream(alive) {
    const dead = new AbortController();
    const watch = setTimeout(() => dead.abort(), SILENCE);
    try {
      const reply = await this.#get(`stream?since=${this.#position}`, dead.signal);
      let text = '';
      for await (const piece of reply.body.pipeThrough(new TextDecoderStream())) {
        watch.refresh();
        const events = (text + piece).split('\n\n');
        text = events.pop();
        for (const event of events) this.#told(Object.fromEntries(event.split('\n').map(line => line.split(/: (.*)/))));
        alive();
      }
    } finally {
      clearTimeout(watch);
      dead.abort();
    }
  }

  #told({ id, event, data }) {
    if (event === 'heartbeat') {
      if (id !== this.#position) throw new Gap();
      this.#provenAt = performance.now();
    } else if (event === 'revoked') {
      const [epoch, seq] = this.#position.split(':');
      if (id !== `${epoch}:${Number(seq) + 1}`) throw new Gap();
      const { kind, value, keep_until } = JSON.parse(data);
      this.#revoked.set(`${kind}:${value}`, keep_until);
      this.#position = id;
    }
  }

  #forget() {
    for (const [key, keepUntil] of this.#revoked) if (keepUntil < Date.now() / 1000) this.#revoked.delete(key);
  }
}

/** A source of tokens for reading the feed: the client lists the scope poolhouse/revocations.read and asks for it by name. */
export function machineToken({ url, clientId, clientSecret }) {
  let token, ends = 0;
  return async () => {
    if (performance.now() < ends) return token;
    const reply = await fetch(`${url}/oauth2/token`, {
      method: 'POST', signal: AbortSignal.timeout(10_000),
      headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'poolhouse/revocations.read' }),
    });
    if (!reply.ok) throw new Error(`no token for the feed: ${reply.status}`);
    const { access_token, expires_in } = await reply.json();
    ends = performance.now() + (expires_in - 60) * 1000;
    return token = access_token;
  };
}
