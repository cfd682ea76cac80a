// The pool seen from above: a lane is a row of hours, on a phone a column. The buttons are made once and then told what they are, so that
// the focus stays where it is.
import { byId, el } from './words.js';

/** @typedef {{ hour: number, state: 'free' | 'yours' | 'taken' | 'closed', by?: string }} Hour */
/** @typedef {{ lane: number, closed: boolean, hours: Hour[] }} Lane */

const act = { free: 'Book', yours: 'Give back', taken: '', closed: '' };
const phone = matchMedia('(max-width: 47.99rem)');

export class Pool {
  /** @type {HTMLButtonElement[][]} */
  #slots = [];

  /**
   * @param {(lane: number, hour: number, state: string) => void} chosen somebody wants an hour, or to give it back
   * @param {(lane: number, closed: boolean) => void} closing staff close a lane, or open it again
   */
  constructor(chosen, closing) {
    this.closing = closing;
    byId('pool').addEventListener('click', (/** @type {any} */ { target }) => {
      const slot = target.closest('.slot');
      if (slot && slot.ariaDisabled !== 'true') chosen(+slot.dataset.lane, +slot.dataset.hour, slot.dataset.state);
    });
    byId('pool').addEventListener('keydown', event => this.#move(event));
  }

  /** Whether lanes have been seen. */
  get built() { return this.#slots.length > 0; }

  /** @param {Lane[]} lanes @param {boolean} staff */
  show(lanes, staff) {
    if (!this.built) this.#build(lanes);
    byId('pool').classList.remove('asleep');
    lanes.forEach(({ lane, closed, hours }, row) => {
      hours.forEach((hour, column) => this.#tell(this.#slots[row][column], lane, hour));
      const gate = byId(`gate-${lane}`);
      gate.hidden = !staff;
      gate.textContent = closed ? 'Open' : 'Close';
      gate.ariaLabel = `${closed ? 'Open' : 'Close'} lane ${lane}`;
      gate.onclick = () => this.closing(lane, !closed);
    });
  }

  /** Nobody is signed in: what was seen stays in sight, but nothing can be done. */
  sleep() {
    byId('pool').classList.add('asleep');
    for (const slot of this.#slots.flat()) slot.ariaDisabled = 'true';
    for (const gate of document.querySelectorAll('.gate')) /** @type {HTMLElement} */ (gate).hidden = true;
  }

  /** @param {Lane[]} lanes */
  #build(lanes) {
    this.#slots = lanes.map(({ lane, hours }) => hours.map(({ hour }) => {
      const slot = /** @type {HTMLButtonElement} */ (el('button', { type: 'button', className: 'slot', tabIndex: -1 }, el('b', {}, String(hour).padStart(2, '0')), el('span')));
      slot.dataset.lane = String(lane);
      slot.dataset.hour = String(hour);
      return slot;
    }));
    this.#slots[0][0].tabIndex = 0;
    byId('pool').replaceChildren(...lanes.map(({ lane }, row) => el('div', { className: 'lane', role: 'group', ariaLabel: `Lane ${lane}` },
      el('div', { className: 'block' }, el('b', {}, String(lane)), el('button', { type: 'button', className: 'gate', id: `gate-${lane}`, hidden: true })),
      ...this.#slots[row])));
  }

  /** @param {HTMLButtonElement} slot @param {number} lane @param {Hour} hour */
  #tell(slot, lane, { hour, state, by }) {
    slot.dataset.state = state;
    slot.ariaDisabled = String(!act[state]);
    /** @type {HTMLElement} */ (slot.lastChild).textContent = by ?? state;
    slot.ariaLabel = `Lane ${lane}, ${hour}:00 to ${hour + 1}:00, ${state}${by ? ` by ${by}` : ''}${act[state] ? `. ${act[state]}` : ''}`;
  }

  // One stop for Tab, and arrows within (the WAI-ARIA pattern of grids).
  #move(/** @type {KeyboardEvent} */ event) {
    const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key] ?? 0, across = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    const row = this.#slots.findIndex(slots => slots.includes(/** @type {any} */ (document.activeElement)));
    if (row < 0 || !(along || across)) return;
    const column = this.#slots[row].indexOf(/** @type {any} */ (document.activeElement));
    const next = phone.matches ? this.#slots[row + along]?.[column + across] : this.#slots[row + across]?.[column + along];
    event.preventDefault();
    if (!next) return;
    this.#slots[row][column].tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}
