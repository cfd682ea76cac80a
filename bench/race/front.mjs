// The one address of all nodes: spreads requests over them, and loses replies to refreshes after a node has given them.
import { createServer, request as ask } from 'node:http';

const isRefresh = (request, body) => request.method === 'POST' && request.url === '/oauth2/token' && body.includes('grant_type=refresh_token');

async function bytesOf(stream) {
  const pieces = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

function shuffled(list) {
  const rest = [...list], order = [];
  while (rest.length > 0) order.push(...rest.splice(Math.floor(Math.random() * rest.length), 1));
  return order;
}

/** Sends a request to one node; its whole reply. */
const forward = (port, { method, url, headers }, body) => new Promise((done, fail) => {
  const sent = ask({ host: '127.0.0.1', port, method, path: url, headers: { ...headers, connection: 'close' } }, reply =>
    bytesOf(reply).then(content => done({ status: reply.statusCode, headers: reply.headers, body: content }), fail));
  sent.on('error', fail);
  sent.end(body);
});

/**
 * Starts the front on a free port. `loss` is the probability that a reply to a refresh is lost; `saw` is told of every request to the
 * token endpoint, with the reply of the node and whether it was lost; `alter` may change a reply.
 */
export async function startFront({ loss, saw, alter = (form, answer) => answer }) {
  let ports = [];
  const front = createServer(async (request, reply) => {
    const cut = () => request.socket.resetAndDestroy();
    const body = await bytesOf(request).catch(() => undefined);
    if (!body) return cut();
    const answer = await first(request, body);
    if (!answer) return cut();
    const lost = isRefresh(request, String(body)) && Math.random() < loss;
    if (request.url === '/oauth2/token') saw(new URLSearchParams(String(body)), answer, lost);
    if (lost) return cut();
    // A browser sends a request again by itself if an old connection breaks before the reply: here every connection is new.
    reply.writeHead(answer.status, { ...answer.headers, connection: 'close' }).end(answer.body);
  });

  /** The reply of the first node that takes the connection; nothing if the node that took it has died before it answered. */
  async function first(request, body) {
    for (const port of shuffled(ports)) {
      try {
        const answer = await forward(port, request, body);
        return alter(new URLSearchParams(String(body)), answer);
      } catch ({ code }) {
        if (code !== 'ECONNREFUSED') return;
      }
    }
  }

  await new Promise(done => front.listen(0, 'localhost', done));
  return {
    url: `http://localhost:${front.address().port}`,
    to(list) { ports = list; },
    stop: () => new Promise(done => { front.closeAllConnections(); front.close(done); }),
  };
}
