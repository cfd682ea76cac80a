// What became of every refresh token, by what the front saw: which successors it was answered with, and which chain it belongs to.
// Nothing here knows how a server makes its tokens.
import { createHash } from 'node:crypto';

const mark = token => createHash('sha256').update(token).digest('base64');

export class Chains {
  #chainOf = new Map();
  #successors = new Map();
  asked = 0;
  lost = 0;
  answered = 0;
  refused = 0;
  chains = 0;

  /** One request to the token endpoint and its reply. */
  saw(form, { status, body }, lost) {
    const json = status === 200 ? JSON.parse(String(body)) : undefined;
    if (form.get('grant_type') === 'authorization_code' && json) this.#chainOf.set(mark(json.refresh_token), this.chains++);
    if (form.get('grant_type') !== 'refresh_token') return;
    this.asked++;
    if (lost) this.lost++; else if (json) this.answered++; else if (status < 500) this.refused++;
    if (!json) return;
    const presented = mark(form.get('refresh_token')), issued = mark(json.refresh_token ?? form.get('refresh_token'));
    this.#chainOf.set(issued, this.#chainOf.get(presented));
    if (!this.#successors.has(presented)) this.#successors.set(presented, new Set());
    this.#successors.get(presented).add(issued);
  }

  /** Whether a token has been answered with a successor before. */
  spent = token => this.#successors.has(mark(token));

  /** How often a refresh token was spent, over all chains. */
  get generations() { return this.#successors.size; }

  /** A generation with several successors is a fork, and so is each chain that ends in more than one token. */
  get forks() {
    const tips = new Map();
    for (const [token, chain] of this.#chainOf) if (!this.#successors.has(token)) tips.set(chain, (tips.get(chain) ?? 0) + 1);
    const forked = [...this.#successors.values()].filter(successors => successors.size > 1).length;
    return Math.max(forked, [...tips.values()].reduce((sum, count) => sum + count - 1, 0));
  }

  /** The most successors that one generation had. */
  get mostSuccessors() { return Math.max(0, ...[...this.#successors.values()].map(successors => successors.size)); }
}
