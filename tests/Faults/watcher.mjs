// A guard (that of samples/node-guard) on a thread of its own, which is asked all the time for every session whose revocation is on its way;
// in passing also for some that it has refused, which must stay so, and for some that nobody has revoked, which must pass.
import { parentPort, workerData } from 'node:worker_threads';
import { setTimeout as pause } from 'node:timers/promises';

const { guardFile, issuer, url, clientIds, token, tokens, sent, refused, blindAfter, seed, sabotage } = workerData;
const { Guard, Refused } = await import(guardFile);
const { Chance } = await import('./trial.mjs');
const now = () => Number(process.hrtime.bigint() / 1000n) / 1000;
const sentAt = new Float64Array(sent), refusedAt = new Float64Array(refused), chance = new Chance(seed), wrong = [];
const guard = new Guard({ issuer, clientIds, url, blindAfter, token: async () => token });
let looks = 0, blind = 0, ending = false;

/** true, false, or undefined where nobody can say. */
async function passes(session) {
  looks++;
  if (sabotage === 'forgetful-guard' && refusedAt[session] && now() > refusedAt[session] + 500) return true;
  try {
    await guard.check(tokens[session]);
    return true;
  } catch (problem) {
    if (problem instanceof Refused && problem.status === 503) return void blind++;
    if (!(problem instanceof Refused) || !/has ended/.test(problem.message)) wrong.push(`refused for another reason: ${problem.stack}`);
    return false;
  }
}

for (let session = 0; session < tokens.length;) if (await passes(session)) session++; else await pause(50);
if (sabotage === 'deaf-guard') await guard.stop();
parentPort.once('message', () => { ending = true; });
parentPort.postMessage('ready');
const began = now();
looks = 0;

for (let first = 0; !ending;) {
  while (refusedAt[first]) first++;
  for (let session = first; session < tokens.length && sentAt[session]; session++)
    if (!refusedAt[session] && await passes(session) === false) refusedAt[session] = now();
  if (first > 0) {
    const before = chance.between(0, first - 1);
    if (await passes(before) === true) wrong.push('accepted after it was refused');
  }
  const later = first + chance.between(20, 60);
  if (later < tokens.length && await passes(later) === false && !sentAt[later]) wrong.push('refused, and nobody has revoked it');
  await pause(1);
}
for (let session = 0; session < tokens.length; session++) if (await passes(session) === true) wrong.push('accepted at the end');
parentPort.postMessage({ wrong, blind, looksPerSecond: looks / (now() - began) * 1000 });
await guard.stop();
process.exit();
