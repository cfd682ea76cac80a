// Somebody with many tabs of one browser, who works in all of them at once.
import { setTimeout as pause } from 'node:timers/promises';

const some = (list, count) => [...list].sort(() => Math.random() - 0.5).slice(0, count);

/** What all tabs have met. */
export const blank = () => ({ calls: 0, refusedCalls: 0, failed: 0, longest: 0, forced: 0, closed: 0, reloads: 0, signedOut: 0, reasons: {}, signIns: 0 });

export class Person {
  #tabs = new Set();
  #signingIn;
  #again = Promise.resolve();

  /** @param context a browser of their own @param met what is counted, see blank */
  constructor(context, app, who, met) {
    Object.assign(this, { context, app, who, met });
  }

  /** Arrives with one tab, signs in, and opens the others. */
  async arrive(tabs, locks) {
    await this.context.exposeBinding('tell', ({ page }, event) => this.#hear(page, event));
    // As browsers are that have no Web Locks: tabs race, and what holds is the server's promise alone.
    if (!locks) await this.context.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }));
    await this.#signIn(await this.#open());
    await Promise.all(Array.from({ length: tabs - 1 }, () => this.#open()));
  }

  /** Until `over`: refreshes in several tabs at the same moment, and tabs that are closed and opened; every so many milliseconds, 0 is never. */
  async work(over, { forced, turnover }) {
    const every = async (ms, act) => {
      while (!over()) {
        // In short steps, so that a long pause does not outlast the race.
        for (const until = Date.now() + ms * (0.5 + Math.random()); !over() && (ms === 0 || Date.now() < until);) await pause(50);
        if (!over()) await act();
      }
    };
    const busy = Promise.all([every(forced, () => this.#force()), every(turnover, () => this.#turnOver())]).then(() => this.#again);
    busy.catch(() => {});
    // A tab that hangs, since the machine is busy with the others, must not hold up the end.
    await Promise.race([busy, every(5000, () => {}).then(() => pause(5000))]);
  }

  async #force() {
    this.met.forced++;
    // A tab that is closed or reloaded meanwhile takes its call with it.
    for (const tab of some(this.#tabs, 3)) tab.evaluate(() => globalThis.client?.refresh().catch(() => {})).catch(() => {});
  }

  async #turnOver() {
    const [tab] = some(this.#tabs, 1);
    if (tab === this.#signingIn) return;
    this.#tabs.delete(tab);
    this.met.closed++;
    // Never the last tab of a browser.
    await this.#open();
    await tab.close();
  }

  async #open() {
    const tab = await this.context.newPage();
    await tab.goto(this.app.origin);
    await tab.waitForFunction(() => globalThis.ready);
    this.#tabs.add(tab);
    return tab;
  }

  /** Where one tab finds itself signed out, it signs in for all; another one does if that is closed on the way. */
  async #signInAgain(tab, tries = 3) {
    this.#signingIn = tab;
    await this.#signIn(tab).catch(problem => {
      if (tries === 1) throw problem;
      return this.#signInAgain(some(this.#tabs, 1)[0], tries - 1);
    });
    this.#signingIn = undefined;
  }

  /** Leaves for the sign-in page and comes back; a form is there the first time only. */
  async #signIn(tab) {
    await tab.evaluate(() => { globalThis.ready = false; client.signIn(); });
    await tab.waitForFunction(() => globalThis.ready || document.querySelector('input[name=password]'));
    if (new URL(tab.url()).origin !== this.app.origin) {
      await tab.fill('input[name=username]', this.who.username);
      await tab.fill('input[name=password]', this.who.password);
      await tab.keyboard.press('Enter');
      await tab.waitForURL(url => url.origin === this.app.origin);
    }
    await tab.waitForFunction(() => globalThis.ready);
  }

  #hear(tab, { status, asked = 0, reload, signedOut }) {
    const { met } = this;
    if (status !== undefined) met.calls++;
    if (status === 401 || status === 403) met.refusedCalls++;
    else if (status !== undefined && status !== 200) met.failed++;
    met.longest = Math.max(met.longest, asked);
    if (reload) met.reloads++;
    if (signedOut === undefined) return;
    met.signedOut++;
    met.reasons[signedOut] = (met.reasons[signedOut] ?? 0) + 1;
    if (this.#signingIn) return;
    met.signIns++;
    this.#again = this.#again.then(() => this.#signInAgain(tab));
    this.#again.catch(() => {});
  }
}
