// The client's lifetimes: as a form that changes them through the real API, and as sentences that say what they mean.
import { operation } from './playground-calls.js';
import { byId, duration, el } from './playground-words.js';

const units = /** @type {Record<string, number>} */ ({ seconds: 1, minutes: 60, hours: 3600, days: 86400 });
const kinds = /** @type {const} */ ([['access', 'AccessToken', 1, 'hours'], ['id', 'IdToken', 1, 'hours'], ['refresh', 'RefreshToken', 30, 'days']]);
const refreshFlow = 'ALLOW_REFRESH_TOKEN_AUTH';

/** @typedef {{ access: number, id: number, refresh: number, rotates: boolean, grace: number }} Lifetimes */

/** What is in force, in seconds. @param {any} client @returns {Lifetimes} */
export function lifetimesOf(client) {
  const seconds = (/** @type {typeof kinds[number]} */ [, name, number, unit]) =>
    (client[`${name}Validity`] || number) * units[client[`${name}Validity`] ? client.TokenValidityUnits?.[name] ?? unit : unit];
  const [access, id, refresh] = kinds.map(seconds);
  return { access, id, refresh, rotates: client.RefreshTokenRotation?.Feature === 'ENABLED', grace: client.RefreshTokenRotation?.RetryGracePeriodSeconds ?? 10 };
}

/**
 * Lifetimes in plain sentences.
 * @param {Lifetimes} lifetimes
 * @returns {[string, string][]}
 */
export function sentences({ access, id, refresh, rotates, grace }) {
  const every = Math.min(access, id);
  const times = Math.floor(refresh / every);
  return [
    ['While the app is open', `it refreshes every ${duration(every).replace(/^1 (?=[a-z]+$)/, '')}${times > 1 ? `, up to ${times.toLocaleString('en')} times in one session` : ''}. The user notices nothing.`],
    ['After a revocation', `an API that only checks signatures lets the token pass for up to ${duration(access)} more, half of that on average. One that checks revocation refuses at the next call.`],
    ['The user signs in again', `${duration(refresh)} after the last sign-in, however often the app has refreshed. Nothing moves that end.`],
    ['A copied refresh token', rotates
      ? `is found out when it is used: each works once, its predecessor is answered for ${duration(grace)} more, and a later use ends the session.`
      : `works beside the real one for up to ${duration(refresh)}, until somebody revokes the session. Rotation would find it out.`],
    ...(refresh > 90 * 86400 ? [/** @type {[string, string]} */ (['More than 90 days', 'is long: a session that nobody remembers stays open. Let users see and end their sessions.'])] : []),
    ['A change counts from', 'the next refresh for access and ID tokens, the next sign-in for the refresh token.'],
  ];
}

export class LifetimePanel {
  /** @type {any} */ client = null;

  /**
   * @param {{ region: string, poolId: string, clientId: string }} config
   * @param {(exchange: import('./playground-calls.js').Exchange, lifetimes: Lifetimes | null) => void} told of every attempt to change something
   */
  constructor(config, told) {
    this.config = config;
    this.told = told;
    for (const [kind] of kinds) byId(`${kind}-unit`).append(...Object.keys(units).map(unit => el('option', { value: unit }, unit)));
    byId('lifetimes-form').addEventListener('input', () => { this.#say(); byId('saved').textContent = ''; });
    byId('lifetimes-form').addEventListener('submit', (/** @type {Event} */ event) => { event.preventDefault(); void this.save(); });
  }

  get lifetimes() { return lifetimesOf(this.client); }

  /** Reads the client as the server knows it. */
  async load() {
    const { region, poolId, clientId } = this.config;
    const exchange = await operation(region, 'DescribeUserPoolClient', { UserPoolId: poolId, ClientId: clientId });
    if (exchange.ok) this.#take(exchange.body.UserPoolClient);
    return exchange;
  }

  async save() {
    const exchange = await operation(this.config.region, 'UpdateUserPoolClient', this.#changed());
    const problem = byId('lifetimes-problem');
    problem.hidden = exchange.ok;
    problem.textContent = exchange.ok ? '' : exchange.body?.message ?? String(exchange.body);
    byId('saved').textContent = exchange.ok ? 'Saved. It counts from the next token.' : '';
    if (exchange.ok) this.#take(exchange.body.UserPoolClient);
    this.told(exchange, exchange.ok ? this.lifetimes : null);
  }

  /** @param {any} client */
  #take(client) {
    this.client = client;
    byId('client-name').textContent = `${client.ClientName} · ${client.ClientId}`;
    for (const [kind, name, number, unit] of kinds) {
      byId(`${kind}-number`).value = client[`${name}Validity`] || number;
      byId(`${kind}-unit`).value = client[`${name}Validity`] ? client.TokenValidityUnits?.[name] ?? unit : unit;
    }
    byId('rotation').checked = this.lifetimes.rotates;
    this.#say();
  }

  // UpdateUserPoolClient replaces everything: what is left out returns to its default, so all that was read goes back.
  #changed() {
    const { CreationDate, LastModifiedDate, ClientSecret, ...settings } = this.client;
    settings.TokenValidityUnits = {};
    for (const [kind, name] of kinds) {
      settings[`${name}Validity`] = Number(byId(`${kind}-number`).value);
      settings.TokenValidityUnits[name] = byId(`${kind}-unit`).value;
    }
    const rotates = byId('rotation').checked;
    if (rotates !== this.lifetimes.rotates) {
      settings.RefreshTokenRotation = rotates ? { Feature: 'ENABLED', RetryGracePeriodSeconds: 10 } : { Feature: 'DISABLED' };
      // Cognito allows rotation only without the old way of refreshing.
      const flows = settings.ExplicitAuthFlows?.filter((/** @type {string} */ flow) => flow !== refreshFlow);
      if (flows) settings.ExplicitAuthFlows = rotates ? flows : [...flows, refreshFlow];
    }
    return settings;
  }

  #say() {
    const typed = this.#changed();
    byId('sentences').replaceChildren(...sentences(lifetimesOf(typed)).map(([lead, rest]) => el('div', {}, el('dt', {}, lead), ' ', el('dd', {}, rest))));
  }
}
