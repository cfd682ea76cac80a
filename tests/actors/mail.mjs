// A real mail server (aiosmtpd from Debian) on the loopback interface, with a certificate of its own.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort, run, temporary } from './server.mjs';

/** A certificate for localhost that only trusts itself. */
export async function certificate() {
  const directory = await temporary('certificate');
  const [cert, key] = ['cert.pem', 'key.pem'].map(file => join(directory, file));
  const { code, err } = await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost',
    '-keyout', key, '-out', cert]);
  if (code !== 0) throw new Error(err);
  return { cert, key };
}

/** Starts a mail server; `messages` is what it has taken. */
export async function startMail({ port, tls, starttls, user } = {}) {
  port ??= await freePort();
  const pair = (name, values) => values ? [name, ...values] : [];
  // Debian's own Python: the package of aiosmtpd is its.
  const child = spawn('/usr/bin/python3', [fileURLToPath(new URL('mail.py', import.meta.url)), String(port),
    ...pair('--tls', tls && [tls.cert, tls.key]), ...pair('--starttls', starttls && [starttls.cert, starttls.key]), ...pair('--user', user)],
  { stdio: ['ignore', 'pipe', 'pipe'] });
  let err = '', listening = false, ended = false;
  const messages = [];
  child.stderr.on('data', text => err += text);
  createInterface(child.stdout).on('line', line => {
    const told = JSON.parse(line);
    if (told.listening) listening = true;
    else messages.push({ ...told, header: name => told.headers.find(([one]) => one.toLowerCase() === name.toLowerCase())?.[1] });
  });
  const closed = new Promise(done => child.once('close', done)).then(() => ended = true);
  for (const deadline = Date.now() + 20_000; !listening; await pause(20))
    if (ended || Date.now() > deadline) throw new Error(`no mail server: ${err}`);
  return {
    port, messages,
    /** The first message to an address, when it has come. */
    async to(address, seconds = 30) {
      for (const deadline = Date.now() + seconds * 1000; ; await pause(50)) {
        const found = messages.find(message => message.to.includes(address));
        if (found) return found;
        if (Date.now() > deadline) throw new Error(`nothing came for ${address}: ${JSON.stringify(messages.map(message => message.to))}`);
      }
    },
    async stop() {
      child.kill('SIGKILL');
      await closed;
    },
  };
}
