// A single-page app of one session: the options are those of the client that its address begins with.
import { createSession } from '/client/index.js';

const options = await (await fetch(`/options/${location.pathname.split('/')[1]}`)).json();
globalThis.events = [];
globalThis.session = createSession(options);
for (const name of ['signed-in', 'refreshed', 'ended']) session.on(name, event => events.push({ name, ...event }));
globalThis.started = session.start().then(user => ({ user }), ({ code, error, message }) => ({ code, error, message }));
