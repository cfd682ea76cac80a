// A person with a browser that keeps cookies and fills in forms, and runs no scripts.
import { createHash, randomBytes } from 'node:crypto';

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const decode = text => text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, dec, name) =>
  hex ? String.fromCodePoint(parseInt(hex, 16)) : dec ? String.fromCodePoint(+dec) : entities[name] ?? whole);
const attributes = tag => Object.fromEntries(
  [...tag.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g)].map(([, name, a, b]) => [name.toLowerCase(), decode(a ?? b)]));

export class Visitor {
  cookies = new Map();

  /** Asks for one URL; a redirect is the answer, not followed. */
  async go(url, init = {}) {
    const reply = await fetch(url, {
      redirect: 'manual', ...init,
      headers: { accept: 'text/html', cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '), ...init.headers },
    });
    for (const cookie of reply.headers.getSetCookie()) {
      const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
      if (value === '' || /max-age=0/i.test(cookie)) this.cookies.delete(name); else this.cookies.set(name, value);
    }
    return { url, status: reply.status, headers: reply.headers, html: await reply.text() };
  }

  /** Follows redirects for as long as they stay on the server. */
  async open(url) {
    let page = await this.go(url);
    for (let hops = 0; page.status >= 300 && page.status < 400 && hops < 10; hops++) {
      const next = new URL(page.headers.get('location'), page.url);
      if (next.origin !== new URL(url).origin) break;
      page = await this.go(next.href);
    }
    return page;
  }

  /** Sends the form of a page that has the named field, with its hidden fields and the values given. */
  async submit(page, field, values) {
    const form = [...page.html.matchAll(/<form\b[^>]*>[\s\S]*?<\/form>/gi)].map(match => match[0])
      .find(text => new RegExp(`name=["']${field}["']`).test(text));
    if (!form) throw new Error(`no form with '${field}' at ${page.url} (${page.status}):\n${page.html.slice(0, 2000)}`);
    const { action = '' } = attributes(form.match(/<form\b[^>]*>/i)[0]);
    const body = new URLSearchParams();
    for (const [tag] of form.matchAll(/<input\b[^>]*>/gi)) {
      const { name, type, value = '' } = attributes(tag);
      if (name && type === 'hidden') body.set(name, value);
    }
    for (const [name, value] of Object.entries(values)) body.set(name, value);
    return this.go(new URL(action, page.url).href, { method: 'POST', body, headers: { origin: new URL(page.url).origin, referer: page.url } });
  }

  /** One code flow with PKCE through the hosted sign-in page, up to the tokens. */
  async signIn(server, { client, user, redirect = client.CallbackURLs[0], scope = 'openid' }) {
    const verifier = randomBytes(32).toString('base64url');
    const state = randomBytes(16).toString('base64url');
    const authorize = new URL('/oauth2/authorize', server.url);
    authorize.search = new URLSearchParams({
      response_type: 'code', client_id: client.Id, redirect_uri: redirect, scope, state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'), code_challenge_method: 'S256',
    });
    const page = await this.open(authorize.href);
    let answer = await this.submit(page, 'password', user);
    for (let hops = 0; hops < 5 && new URL(answer.headers.get('location') ?? '', answer.url).origin === new URL(server.url).origin; hops++) {
      if (!answer.headers.has('location')) throw new Error(`no redirect after the sign-in: ${answer.status}\n${answer.html.slice(0, 2000)}`);
      answer = await this.go(new URL(answer.headers.get('location'), answer.url).href);
    }
    const back = new URL(answer.headers.get('location'));
    if (back.searchParams.get('state') !== state) throw new Error(`another state came back: ${back}`);
    return this.token(server, {
      grant_type: 'authorization_code', client_id: client.Id, redirect_uri: redirect,
      code: back.searchParams.get('code'), code_verifier: verifier,
    });
  }

  refresh = (server, client, tokens) => this.token(server, { grant_type: 'refresh_token', client_id: client.Id, refresh_token: tokens.refresh_token });

  async token(server, form) {
    const reply = await fetch(new URL('/oauth2/token', server.url), { method: 'POST', body: new URLSearchParams(form) });
    return { status: reply.status, ...await reply.json() };
  }
}
