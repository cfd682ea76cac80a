// F8: callers that are slow, or send too much.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { startServer } from '../actors/server.mjs';
import { settle } from './pool.mjs';
import { quantile, sabotage, times, trial } from './trial.mjs';

const api = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth\r\n';
const oauth = 'POST /oauth2/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n';

/** One connection that says what `talk` writes; the status it was answered with, and how many bytes it got rid of. */
function attack(port, talk, seconds = 40) {
  return new Promise(done => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const end = () => {
      clearTimeout(bored);
      socket.destroy();
      done({ status: Number(answer.match(/^HTTP\/1\.1 (\d+)/)?.[1] ?? 0), sent: socket.bytesWritten });
    };
    const bored = setTimeout(end, 1000 * seconds);
    socket.on('data', piece => { answer += piece; if (answer.includes('\r\n\r\n')) end(); });
    socket.on('error', () => {});
    socket.on('close', end);
    socket.on('connect', () => talk(socket));
  });
}

/** Writes a line now and a piece every second after it, for ever. */
const slowly = (begin, piece) => socket => {
  socket.write(begin);
  const timer = setInterval(() => socket.write(piece), 1000);
  socket.on('close', () => clearInterval(timer));
};

/** Writes the same block until it has written so much, or until the other side has had enough. */
const much = (begin, block, count) => async socket => {
  socket.write(begin);
  for (let written = 0; written < count && !socket.destroyed; written++)
    if (!socket.write(block)) await Promise.race(['drain', 'close'].map(event => new Promise(done => socket.once(event, done))));
};

const megabyte = Buffer.alloc(1 << 20, 'x');
const chunk = Buffer.concat([Buffer.from('100000\r\n'), megabyte, Buffer.from('\r\n')]);
const gigabyte = 1 << 30;

const floods = {
  'slow headers': [408, slowly(api, 'X-Slow: 1\r\n')],
  'slow bodies, JSON API': [408, slowly(`${api}Content-Length: 5000\r\n\r\n{`, ' ')],
  'slow bodies, OAuth': [408, slowly(`${oauth}Content-Length: 5000\r\n\r\ngrant_type=`, 'x')],
};
const heavy = {
  'a body of 1 GB, JSON API': [413, much(`${api}Content-Length: ${gigabyte}\r\n\r\n`, megabyte, 1024)],
  'a body of 1 GB, OAuth': [413, much(`${oauth}Content-Length: ${gigabyte}\r\n\r\n`, megabyte, 1024)],
  'a body of 1 GB in chunks, JSON API': [413, much(`${api}Transfer-Encoding: chunked\r\n\r\n`, chunk, 1024)],
  'a body of 1 GB in chunks, OAuth': [413, much(`${oauth}Transfer-Encoding: chunked\r\n\r\n`, chunk, 1024)],
  '10,000 header lines': [431, much(api, Array.from({ length: 1000 }, (_, line) => `X-${line}: 1\r\n`).join(''), 10)],
  'a header of 1 MB': [431, much(`${api}X-Long: `, megabyte, 1)],
};

const resident = async pid => Number((await readFile(`/proc/${pid}/status`, 'utf8')).match(/VmRSS:\s+(\d+)/)[1]) / 1024;

trial('F8', 'Slow and greedy callers are told off exactly, and honest ones are served meanwhile', async ({ counted, t }) => {
  const server = await startServer({ verb: 'serve' });
  t.after(() => server.stop());
  const pool = await settle(server, { people: 1 }), app = await pool.app({ grace: null });
  const token = (await app.signIn(server.url, pool.people[0])).AuthenticationResult.RefreshToken;
  let highest = 0;
  /** Refreshes at a steady rate until `over`; how long each took from when it was due. */
  async function honest(over) {
    const took = [], open = [];
    for (let due = performance.now(); !over(); due += 20) {
      await pause(Math.max(0, due - performance.now()));
      const began = due;
      open.push(app.refresh(server.url, token).then(reply => took.push(reply.status === 200 ? performance.now() - began : Infinity)));
      highest = Math.max(highest, await resident(server.pid));
    }
    await Promise.all(open);
    return took;
  }
  const after = seconds => (end => () => Date.now() > end)(Date.now() + 1000 * seconds);

  await honest(after(2));
  const calm = await honest(after(times(3, 10))), before = await resident(server.pid);
  const sockets = times(200, 2000);
  let answered = 0;
  const attacks = Object.entries(floods).flatMap(([name, [expected, talk]]) =>
    Array.from({ length: Math.ceil(sockets / 3) }, () => attack(server.port, talk).then(reply => ({ name, expected, ...reply, at: answered++ }))));
  attacks.push(...Object.entries(heavy).flatMap(([name, [expected, talk]]) => Array.from({ length: 4 }, () => attack(server.port, talk).then(reply => ({ name, expected, ...reply, at: answered++ })))));
  const stormy = await honest(() => answered === attacks.length);
  const replies = await Promise.all(attacks);

  const [usual, worst] = [quantile(calm, 0.99), quantile(stormy, 0.99)];
  Object.assign(counted, {
    'slow sockets': 3 * Math.ceil(sockets / 3), 'greedy requests': 4 * Object.keys(heavy).length, 'honest refreshes meanwhile': stormy.length,
    'their p99, ms': Math.round(worst), 'p99 before, ms': Math.round(usual), 'memory before, MB': Math.round(before), 'memory, most, MB': Math.round(highest),
  });
  if (sabotage === 'wrong-status') replies[0].status = 400;
  assert.deepEqual(replies.filter(({ status, expected }) => status !== expected).map(({ name, status }) => `${name}: ${status}`), []);
  assert.equal(stormy.filter(took => took === Infinity).length, 0);
  assert.ok(highest < before + 100, `memory grew from ${before} to ${highest} MB`);
  // Twice what it was; less than a second is what a busy machine blurs.
  assert.ok(worst < Math.max(2 * usual, 1000), `p99 was ${usual} ms, and ${worst} ms meanwhile`);
});
