// The backend for frontends as a process of its own, and what lies between it and its provider.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, temporary } from './server.mjs';

const program = fileURLToPath(new URL('../../artifacts/bin/BffHost/release/poolhouse-bff.dll', import.meta.url));

/** Starts `poolhouse-bff` with the names of docs/guide/bff.md, on a free port unless PublicUrl names one, and waits until it is ready. */
export async function startBff(settings) {
  const directory = await temporary('bff');
  const url = settings.PublicUrl ?? `http://localhost:${await freePort()}`;
  const listen = `http://127.0.0.1:${new URL(url).port}`;
  const whole = { PublicUrl: url, Listen: [listen], Scopes: ['openid', 'email'], Key: randomBytes(32).toString('base64'), Store: { Kind: 'memory' }, ...settings };
  await writeFile(join(directory, 'bff.json'), JSON.stringify(whole), { mode: 0o600 });
  const child = spawn('dotnet', [program, '--config', join(directory, 'bff.json')], { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '', ended = false;
  for (const stream of [child.stdout, child.stderr]) stream.on('data', text => log += text);
  const exited = new Promise(done => child.once('close', () => done(ended = true)));
  const bff = {
    url, listen, settings: whole, log: () => log,
    async stop(signal = 'SIGTERM') {
      if (!ended) child.kill(signal);
      if (!await Promise.race([exited, pause(15_000, false, { ref: false })])) child.kill('SIGKILL');
      await rm(directory, { recursive: true, force: true });
    },
  };
  for (const deadline = Date.now() + 30_000; !ended && Date.now() < deadline; await pause(20)) {
    if (await fetch(`${listen}/readyz`).then(reply => reply.ok, () => false)) return bff;
  }
  await bff.stop();
  throw new Error(`poolhouse-bff did not become ready\n${log}`);
}

/** Begins a sign-in, and does as it is told while the provider is too busy to be found; where the provider wants the browser. */
export async function beginSignIn(visitor, url) {
  for (const deadline = Date.now() + 30_000; ;) {
    const { status, headers } = await visitor.go(`${url}/bff/login`);
    if (status === 302 || status === 303) return headers.get('location');
    if (status !== 503 || Date.now() > deadline) throw new Error(`/bff/login: ${status}`);
    await pause(1000 * Number(headers.get('retry-after')));
  }
}

/** Stands before the token endpoint of a provider, and notes every token that goes through; its `url` serves as the Authority, with the document `found`. */
export async function startTap(authority) {
  const found = await (await fetch(`${authority}/.well-known/openid-configuration`)).json();
  const tokens = new Set(), grants = [], replies = [];
  const tap = createServer(async (request, reply) => {
    const json = body => reply.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    if (request.url === '/.well-known/openid-configuration') return json({ ...found, token_endpoint: `${url}/token` });
    let body = '';
    for await (const piece of request) body += piece;
    grants.push(new URLSearchParams(body).get('grant_type'));
    const { host, connection, ...headers } = request.headers;
    // `revoke` lies beside it.
    const answer = await fetch(new URL(request.url.slice(1), found.token_endpoint), { method: request.method, headers, body });
    const got = await answer.json().catch(() => ({}));
    replies.push(got);
    for (const name of ['access_token', 'id_token', 'refresh_token']) if (got[name]) tokens.add(got[name]);
    reply.statusCode = answer.status;
    json(got);
  });
  await new Promise(done => tap.listen(0, '127.0.0.1', done));
  const url = `http://127.0.0.1:${tap.address().port}`;
  const issued = name => replies.map(one => one[name]).filter(Boolean);
  return { url, found, tokens, grants, issued, stop: () => new Promise(done => { tap.closeAllConnections(); tap.close(done); }) };
}
