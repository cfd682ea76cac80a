// The counts of several races side by side, as a table of markdown.
const number = value => value.toLocaleString('en-US');
const reasonsOf = reasons => Object.entries(reasons).map(([reason, count]) => `${reason} (${count})`).join(', ') || '–';

const rows = [
  ['refreshes that the nodes answered', one => number(one.asked)],
  ['of these, lost on the way back', one => number(one.lost)],
  ['of these, refused', one => number(one.refused)],
  ['refresh tokens spent; rotations in the database', one => `${number(one.generations)}; ${number(one.rotations)}`],
  ['most successors that one of them was given', one => number(one.mostSuccessors)],
  ['**forks**', one => `**${number(one.forks)}**`],
  ['**sessions that the server ended**', one => `**${number(one.ended)}**`],
  ['**tabs that found themselves signed out**', one => `**${number(one.signedOut)}**`],
  ['why', one => reasonsOf(one.reasons)],
  ['sign-ins that were needed to go on', one => number(one.signIns)],
  ['calls of the guarded route', one => number(one.calls)],
  ['refused with 401', one => number(one.refusedCalls)],
  ['without a token, or without an answer', one => number(one.failed)],
  ['longest time that a tab asked until it was let in', one => `${number(one.longest)} ms`],
  ['rounds of three tabs that refresh at once', one => number(one.forced)],
  ['tabs reloaded; closed and replaced', one => `${number(one.reloads)}; ${number(one.closed)}`],
];

/** The promise: nothing forks and nobody is signed out. A race in which nothing was refreshed has not shown it. */
export const held = ({ generations, forks, ended, signedOut, signIns }) => generations > 0 && forks + ended + signedOut + signIns === 0;

export const nameOf = ({ client, locks }) => locks ? client : `${client}, no Web Locks`;

const line = cells => `| ${cells.join(' | ')} |`;

export const table = races =>
  [line(['', ...races.map(nameOf)]), line(['---', ...races.map(() => '---')]), ...rows.map(([name, cell]) => line([name, ...races.map(cell)]))].join('\n');
