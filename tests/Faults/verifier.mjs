// An API that checks tokens by the key set alone, with a library that others use: it keeps the set, and looks again for a key that it does not know.
import { randomBytes } from 'node:crypto';
import { createRemoteJWKSet, customFetch, errors, jwtVerify } from '../Sdk/node_modules/jose/dist/webapi/index.js';

const part = object => Buffer.from(JSON.stringify(object)).toString('base64url');

export const kidOf = jwt => JSON.parse(Buffer.from(jwt.split('.')[0], 'base64url')).kid;

/** A token as it was, but signed by a key that nobody has. */
export const invented = jwt => [part({ alg: 'RS256', kid: randomBytes(32).toString('base64') }), jwt.split('.')[1], randomBytes(256).toString('base64url')].join('.');

export class Verifier {
  fetches = 0;
  /** When the fetch began of which the set is that is kept. */
  setOf = 0;

  /** `urls` are the nodes, asked in an order by chance until one answers, as a balancer does; `coolDown` is milliseconds between two fetches. */
  constructor(urls, pool, chance, { coolDown, alter = reply => reply }) {
    this.issuer = `${urls[0]}/${pool}`;
    this.keys = createRemoteJWKSet(new URL(`${this.issuer}/.well-known/jwks.json`), {
      cacheMaxAge: Infinity, cooldownDuration: coolDown, timeoutDuration: 20_000,
      [customFetch]: async (url, init) => {
        this.fetches++;
        const began = Date.now(), first = chance.between(0, urls.length - 1);
        for (let tries = 0; ; tries++) {
          try {
            const reply = await fetch(urls[(first + tries) % urls.length] + new URL(url).pathname, { ...init, signal: AbortSignal.timeout(2000) });
            if (reply.status !== 200) throw new Error(`the key set: ${reply.status}`);
            this.setOf = began;
            return alter(reply);
          } catch (problem) {
            if (tries > 20) throw problem;
          }
        }
      },
    });
  }

  /** Whether a token is taken; throws where nobody can say. */
  async takes(jwt) {
    try {
      await jwtVerify(jwt, this.keys, { issuer: this.issuer, algorithms: ['RS256'] });
      return true;
    } catch (problem) {
      if (problem instanceof errors.JWKSNoMatchingKey || problem instanceof errors.JWSSignatureVerificationFailed) return false;
      throw problem;
    }
  }
}
