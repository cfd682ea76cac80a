// Chromium, and a single-page app on an origin of its own that the seeded public client knows.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { publicClient } from '../actors/seed.mjs';

const how = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
};

export const startBrowser = () => chromium.launch(how);

/**
 * A browser whose user has allowed or blocked third-party cookies. Such a choice lies in a profile, and a profile is one person's: it has one context.
 * (The others here are incognito, where Chromium blocks them by itself.)
 */
export async function startProfile({ thirdPartyCookies }) {
  const profile = await mkdtemp(join(tmpdir(), 'poolhouse-profile-'));
  await mkdir(join(profile, 'Default'));
  const choice = { cookie_controls_mode: thirdPartyCookies ? 0 : 1, block_third_party_cookies: !thirdPartyCookies };
  await writeFile(join(profile, 'Default', 'Preferences'), JSON.stringify({ profile: choice }));
  const context = await chromium.launchPersistentContext(profile, how);
  return { newContext: async () => context, close: async () => { await context.close(); await rm(profile, { recursive: true, force: true }); } };
}

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
