// Callers that are slow, or send too much. On a thread of their own, so that they do not hold up the honest ones who share their process.
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

const api = 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.1\r\nX-Amz-Target: AWSCognitoIdentityProviderService.InitiateAuth\r\n';
const oauth = 'POST /oauth2/token HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n';

/** One connection that says what `talk` writes; the status that it was answered with, 0 if there was none. */
function attack(port, talk, seconds = 40) {
  return new Promise(done => {
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    const end = () => {
      clearTimeout(bored);
      socket.destroy();
      done(Number(answer.match(/^HTTP\/1\.1 (\d+)/)?.[1] ?? 0));
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

/** Writes the same block until it has written so much, or until the other side has had enough; between two blocks it listens. */
const much = (begin, block, count) => async socket => {
  socket.write(begin);
  for (let written = 0; written < count && !socket.destroyed; written++, await turn())
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

/** Again where the connection was reset before the answer could be read: who still writes to a closed connection may lose it. */
async function answer(port, talk) {
  for (let tries = 1; ; tries++) {
    const status = await attack(port, talk);
    if (status !== 0 || tries === 5) return status;
  }
}

const { port, sockets } = workerData;
const callers = [[floods, Math.ceil(sockets / Object.keys(floods).length)], [heavy, 4]].flatMap(([kind, many]) =>
  Object.entries(kind).flatMap(([name, [expected, talk]]) => Array.from({ length: many }, async () => ({ name, expected, status: await answer(port, talk) }))));
parentPort.postMessage(await Promise.all(callers));
