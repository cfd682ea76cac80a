// The app in the tabs: one page, with one of the clients in it.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const near = path => new URL(path, import.meta.url);
const library = near('node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js');

/** Serves the app with a client, `poolhouse` or `oidc-client-ts`; `settings` are set once the provider is there. */
export async function startApp(client) {
  const page = `<!doctype html><title>race</title>${client === 'oidc-client-ts' ? '<script src="/oidc.js"></script>' : ''}<script type="module" src="/tab.js"></script>`;
  const scripts = { '/tab.js': near('pages/tab.js'), '/adapter.js': near(`pages/${client}.js`), '/oidc.js': library };
  const app = {};
  const server = createServer(async (request, reply) => {
    const { pathname: path } = new URL(request.url, 'http://app');
    if (path === '/settings') return reply.setHeader('content-type', 'application/json').end(JSON.stringify(app.settings));
    const script = scripts[path] ?? (/^\/client\/[\w-]+\.js$/.test(path) ? near(`../../client/src/${path.slice(8)}`) : undefined);
    if (script) return reply.setHeader('content-type', 'text/javascript').end(await readFile(script));
    reply.setHeader('content-type', 'text/html').end(page);
  });
  await new Promise(done => server.listen(0, 'localhost', done));
  return Object.assign(app, {
    origin: `http://localhost:${server.address().port}`,
    stop: () => new Promise(done => { server.closeAllConnections(); server.close(done); }),
  });
}
