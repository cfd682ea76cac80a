// Chromium, and a single-page app on an origin of its own that the seeded public client knows.
import { createServer } from 'node:http';
import { chromium } from 'playwright-core';
import { publicClient } from '../actors/seed.mjs';

export const startBrowser = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** An empty page at one of the registered origins without a path, the first whose port is free. */
export async function startApp() {
  const origins = publicClient.CallbackURLs.filter(url => /^http:\/\/localhost:\d+$/.test(url));
  for (const origin of origins) {
    const host = createServer((request, reply) => reply.setHeader('content-type', 'text/html').end('<!doctype html><title>app</title>'));
    const free = await new Promise(done => host.once('error', () => done(false)).listen(+new URL(origin).port, 'localhost', () => done(true)));
    if (free) return { origin, stop: () => new Promise(done => { host.closeAllConnections(); host.close(done); }) };
  }
  throw new Error(`no port of these is free: ${origins.join(' ')}`);
}
