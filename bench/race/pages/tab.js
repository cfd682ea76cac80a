// One tab: calls a guarded route for as long as it is signed in, reloads now and then, and tells the lab what it meets.
// What must outlive a reload is in the session storage of the tab.
import { open } from '/adapter.js';

const { route, reloads, ...settings } = await (await fetch('/settings')).json();
const pause = ms => new Promise(done => { setTimeout(done, ms); });
const client = globalThis.client = await open(settings);
const kept = sessionStorage;

/** One call; how long this tab has been asking for one that is let in is told with the one that is. */
async function call() {
  kept.asking ??= Date.now();
  const status = await client.fetch(route).then(reply => reply.status, () => 0);
  if (status !== 200) return tell({ status });
  tell({ status, asked: Date.now() - kept.asking });
  delete kept.asking;
}

globalThis.ready = true;
for (;;) {
  await pause(50 + 450 * Math.random());
  if (await client.signedIn()) {
    kept.signedIn = true;
    await call();
    // Whatever refresh is on its way in this tab is lost to it.
    if (Math.random() < reloads) {
      tell({ reload: true });
      location.reload();
      break;
    }
  } else if (kept.signedIn) {
    delete kept.signedIn;
    tell({ signedOut: client.reason() });
  }
}
