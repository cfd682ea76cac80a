// An authenticator app: RFC 6238 over a secret in base 32.
import { createHmac } from 'node:crypto';

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export class AuthenticatorApp {
  #secret;
  #last = 0;

  constructor(secret) {
    const bits = [...secret].map(letter => alphabet.indexOf(letter).toString(2).padStart(5, '0')).join('');
    this.#secret = Buffer.from(bits.match(/.{8}/g).map(byte => Number.parseInt(byte, 2)));
  }

  /** A code that was not shown before: the next step's, if this one's is used up. Servers take a step to either side. */
  code() {
    const step = Math.max(Math.floor(Date.now() / 30_000), this.#last + 1);
    this.#last = step;
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(step));
    const hash = createHmac('sha1', this.#secret).update(counter).digest();
    return String((hash.readUInt32BE(hash.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, '0');
  }
}
