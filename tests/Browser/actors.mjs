// Chromium, and a single-page app on an origin of its own that the seeded public client knows.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { chromium } from 'playwright-core';
import { publicClient } from '../actors/seed.mjs';

const how = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
};

export const startBrowser = () => chromium.launch(how);

/**
 * Somebody closes all their pages. Chromium (156) forgets that it was asked to if one of them is on its way elsewhere at that moment, by a
 * sign-out for instance, and says nothing for ever: then they go with the browser.
 */
export const closed = context => Promise.race([context.close(), pause(5000, undefined, { ref: false })]);

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

/** Tries until it holds, which is when nothing is left to say against it. */
export async function eventually(objection, within = 30_000) {
  for (const deadline = Date.now() + within; ; await pause(200)) {
    const why = await objection();
    if (!why) return;
    assert.ok(Date.now() < deadline, why);
  }
}
