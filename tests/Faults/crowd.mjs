// People who sign in, refresh and revoke at once, and write down every answer; and what must be true of it afterwards.
// The book is kept in this process, which no fault reaches. Nothing here knows how a server makes its tokens.
import { setTimeout as pause } from 'node:timers/promises';
import { Chains } from '../../bench/race/chains.mjs';
import { claims, isRevoked, isTooMuch } from './pool.mjs';

// The grace of the apps is 60 seconds; what is asked again later than this proves nothing.
const withinGrace = 45_000;

/** One session as its app knows it: the refresh tokens that were answered, in order. */
class Session {
  doubt = false;        // a refresh was sent and never answered
  ended = 'no';         // 'perhaps' if a revocation was sent and never answered
  rotatedAt = 0;

  constructor(id, token) {
    this.id = id;
    this.chain = [token];
  }

  get token() { return this.chain.at(-1); }

  take(token) {
    this.chain.push(token);
    this.doubt = false;
    this.rotatedAt = Date.now();
  }
}

export class Crowd {
  sessions = [];
  wrong = [];
  chains = new Chains();
  counted = { signIns: 0, rotations: 0, revocations: 0, retries: 0, unanswered: 0 };
  #touched = new Set();
  #idle = [];
  #resting = true;
  deaf = false;      // what is answered now reaches nobody

  /** `alter` may change what the crowd believes to have been answered to a refresh: a sabotage. */
  constructor(app, chance, { alter } = {}) {
    this.app = app;
    this.chance = chance;
    this.alter = alter ?? (reply => reply);
  }

  /** So many at once go on until `rest`, each with a session of their own, each request to a node by chance. */
  work(urls, many = 8) {
    this.#resting = false;
    const walks = Array.from({ length: many }, () => this.#walk(urls));
    /** Ends the work when every request has been answered or lost. */
    this.rest = async () => {
      this.#resting = true;
      await Promise.all(walks);
    };
  }

  async #walk(urls) {
    let session = this.#idle.pop();
    while (!this.#resting) {
      const url = this.chance.one(urls), dice = this.chance.next();
      if (!session || session.ended !== 'no') session = await this.#signIn(url);
      else if (dice < 0.06) await this.#revoke(url, session);
      else await this.#refresh(session, dice < 0.15 ? [url, ...urls, this.chance.one(urls)] : [url]);
      if (session) this.#touched.add(session);
    }
    if (session?.ended === 'no') this.#idle.push(session);
  }

  async #signIn(url) {
    const reply = await this.app.signIn(url, this.chance.one(this.app.pool.people));
    if (!this.#answered(reply, 'a sign-in')) return pause(20);
    const { AccessToken, RefreshToken } = reply.AuthenticationResult;
    const session = new Session(claims(AccessToken).origin_jti, RefreshToken);
    this.counted.signIns++;
    this.sessions.push(session);
    this.chains.saw(new URLSearchParams({ grant_type: 'authorization_code' }), { status: 200, body: JSON.stringify({ refresh_token: RefreshToken }) }, false);
    return session;
  }

  async #revoke(url, session) {
    session.ended = 'perhaps';
    if (!this.#answered(await this.app.revoke(url, session.token), 'a revocation')) return;
    session.ended = 'yes';
    this.counted.revocations++;
  }

  /** The same token to all of these at once, as several tabs do; whichever answers, the successor is one. */
  async #refresh(session, urls) {
    const { token } = session;
    session.doubt = true;
    const replies = await Promise.all(urls.map(url => this.present(token, url)));
    const successors = new Set(replies.filter(reply => this.#answered(reply, 'a refresh')).map(reply => reply.refresh_token));
    if (successors.size > 1) this.wrong.push(`${successors.size} successors of one token of ${session.id}`);
    if (successors.size === 0) return pause(20);
    session.take([...successors][0]);
    this.counted.rotations++;
  }

  async present(token, url) {
    const reply = this.alter(await this.app.refresh(url, token), token);
    this.chains.saw(new URLSearchParams({ grant_type: 'refresh_token', refresh_token: token }), { status: reply.status, body: JSON.stringify(reply) }, false);
    return reply;
  }

  // No answer and 503 are one: nobody knows what became of the request. Who is turned away comes again. Everything else but 200 is a wrong answer here.
  #answered(reply, what) {
    if (reply.status === 200 && !this.deaf) return true;
    if (this.deaf || reply.status === 0 || reply.status === 503 || isTooMuch(reply)) this.counted.unanswered++;
    else this.wrong.push(`${what} was refused: ${JSON.stringify(reply)}`);
    return false;
  }

  /** Asks the server for every session that was used since the last time: what was answered before the fault must be true after it. */
  async check(url) {
    const sessions = [...this.#touched];
    this.#touched.clear();
    await Promise.all(Array.from({ length: 8 }, async () => {
      for (let session; (session = sessions.pop());) await this.#hold(session, url);
    }));
  }

  /** As a client does that has lost its connection: again, until there is an answer. */
  async #insist(token, url) {
    for (let tries = 0; ; tries++) {
      const reply = await this.present(token, url);
      if (reply.status !== 0 && reply.status !== 503 || tries === 20) return reply;
      await pause(50);
    }
  }

  async #hold(session, url) {
    const { chain, token, doubt, ended, rotatedAt } = session;
    const fresh = rotatedAt > Date.now() - withinGrace;
    if (ended === 'no' && !doubt && fresh) {
      const again = await this.#insist(chain.at(-2), url);
      if (again.status !== 200 || again.refresh_token !== token) this.wrong.push(`the predecessor of ${session.id} got no or another successor: ${JSON.stringify(again.error_description ?? again.status)}`);
      this.counted.retries++;
    }
    const now = await this.#insist(token, url);
    if (ended === 'yes') {
      if (!isRevoked(now)) this.wrong.push(`the revocation of ${session.id} was lost: ${now.status}`);
      return;
    }
    if (ended === 'perhaps' && isRevoked(now)) {
      session.ended = 'yes';
      return;
    }
    session.ended = 'no';
    if (now.status !== 200) {
      this.wrong.push(`${session.id} was lost at its rotation ${chain.length - 1}: ${JSON.stringify(now)}`);
      session.ended = 'lost';
      return;
    }
    session.take(now.refresh_token);
    if (!doubt) return;
    this.counted.retries++;
    const again = await this.#insist(token, url);
    if (again.refresh_token !== now.refresh_token) this.wrong.push(`a retry of ${session.id} got another successor`);
  }

  /** Holds the rows of the database, {sessions: Map of id to {generation, revoked}, feed: [[seq, value]]}, against the book. */
  audit({ sessions, feed }) {
    if (this.chains.forks > 0) this.wrong.push(`${this.chains.forks} forks`);
    const listed = new Map();
    for (const [, id] of feed) listed.set(id, (listed.get(id) ?? 0) + 1);
    feed.forEach(([seq], at) => { if (seq !== at + 1) this.wrong.push(`entry ${at + 1} of the feed has the number ${seq}`); });
    for (const { id, chain, doubt, ended } of this.sessions) {
      const row = sessions.get(id), acknowledged = chain.length - 1;
      if (!row) this.wrong.push(`the sign-in of ${id} was lost`);
      else if (row.generation !== acknowledged && !(doubt && row.generation === acknowledged + 1)) this.wrong.push(`${id} is at ${row.generation}, was answered ${acknowledged}`);
      else if (ended === 'yes' && !(row.revoked && listed.get(id) === 1)) this.wrong.push(`${id} was revoked: ${row.revoked}, ${listed.get(id)} entries in the feed`);
      else if (ended === 'no' && row.revoked) this.wrong.push(`${id} was ended by nobody`);
    }
  }
}
