// @poolhouse/client as it is published, with the storage that survives a reload.
import { createSession } from '/client/index.js';

export async function open({ issuer, clientId, route }) {
  const session = createSession({ issuer, clientId, origins: [new URL(issuer).origin], storage: 'localStorage' });
  await session.start();
  return {
    signedIn: () => session.user !== null,
    reason: () => session.reason,
    signIn: () => session.signIn(),
    refresh: () => session.refresh(),
    fetch: session.fetch,
  };
}
