// Somebody who reads the revocation feed, written from docs/reference/revocation-feed.md and sharing nothing with the sample.
const headers = (token, more) => ({ ...(token && { authorization: `Bearer ${token}` }), ...more });

/** Everything that still counts, by value, and the head. */
export async function snapshot(pool, token) {
  const reply = await fetch(`${pool}/revocations/snapshot`, { headers: headers(token) });
  if (reply.status !== 200) return { status: reply.status };
  const view = new DataView(await reply.arrayBuffer());
  const hex = (from, to) => Array.from({ length: to - from }, (_, i) => view.getUint8(from + i).toString(16).padStart(2, '0')).join('');
  const values = new Set();
  let at = 37;
  while (view.getUint8(at) === 1) {
    const id = hex(at + 1, at + 17);
    values.add([id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-'));
    at += 21;
  }
  if (view.getUint8(at) !== 0 || Number(view.getBigUint64(at + 1)) !== values.size) throw new Error(`not a whole snapshot of sessions: ${hex(0, view.byteLength)}`);
  return { status: 200, epoch: hex(5, 21), head: `${hex(5, 21)}:${view.getBigUint64(21)}`, values };
}

/** Opens the stream; its status, and its events one after another until it ends. One that breaks off throws. */
export async function stream(pool, { since, token } = {}) {
  const stop = new AbortController();
  const reply = await fetch(`${pool}/revocations/stream`, { headers: headers(token, since && { 'last-event-id': since }), signal: stop.signal });
  async function* events() {
    let text = '';
    for await (const piece of reply.body.pipeThrough(new TextDecoderStream())) {
      const parts = (text + piece).split('\n\n');
      text = parts.pop();
      for (const part of parts) {
        const [, id, name, data] = /^id: (.*)\nevent: (.*)\ndata: (.*)$/.exec(part) ?? [];
        if (id) yield { id, name, ...JSON.parse(data) };
      }
    }
  }
  return { status: reply.status, events: events(), close: () => stop.abort() };
}

/** The next event of a name. */
export async function next(events, name) {
  for (;;) {
    const { value, done } = await events.next();
    if (done) throw new Error(`the stream ended before a ${name} came`);
    if (value.name === name) return value;
  }
}
